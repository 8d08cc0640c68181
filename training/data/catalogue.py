"""The kinds of records of many businesses, with the field names of real systems and the sort of value that each holds.

A line is `kind | id patterns | field:sort ...`. In a pattern `#` is a digit and `@` a capital letter. A sort is a name of `values.py`,
or the values themselves, separated by `/` (an underscore is a space). `a__b` is field b of the object a.
"""

from __future__ import annotations

from dataclasses import dataclass

_SOURCE = """
order | FH-##### #W####### ORD-###### SO-##### ####-###### | status:processed/shipped/delivered/pending/cancelled/packed/in_transit/awaiting_payment/being_prepared total:money subtotal:money shipping_cost:money tax:money discount:money placed_on:date estimated_delivery:date delivered_on:date shipped_on:date carrier:carrier tracking_number:tracking shipping_method:Standard/Express/Expedited/Economy/Next_Day payment_method:card shipping_address:address refund_amount:money promo_code:promo gift_wrapped:bool items:list
return | RMA-##### RT###### | status:requested/approved/in_transit/received/refunded/rejected reason:reason requested_on:date received_on:date refund_amount:money label_fee:money tracking_number:tracking carrier:carrier resolution:refund/exchange/store_credit refund__issued_on:date refund__paid_on:date replacement__shipped_on:date label__printed_on:date
booking | BK-##### @@@### B######## | status:confirmed/pending/cancelled/checked_in/waitlisted room_type:room check_in:date check_out:date guests:count nights:count total:money deposit:money balance_due:money breakfast_included:bool is_refundable:bool confirmation_code:code guest_name:person cancellation_deadline:date parking_included:bool
reservation | R-#### RES###### | status:confirmed/cancelled/seated/open table_number:small party_size:small reserved_on:date time:clock deposit:money notes:wish location:branch
flight booking | @@@@## PNR-@@@### | status:confirmed/ticketed/cancelled/delayed/on_hold flight_number:flight seat:seat gate:gate departure_date:date departure_time:clock arrival_time:clock fare:money fare_class:Economy/Business/Premium_Economy/First baggage_allowance:baggage terminal:terminal passenger_name:person is_refundable:bool frequent_flyer_number:code
policy | POL-###### HX-####### P-##-##### | status:active/lapsed/pending/expired/under_review premium:money deductible:money coverage_limit:bigmoney renewal_date:date start_date:date policy_type:home/car/travel/pet/life/renters agent:person next_payment_due:date valid_until:date roadside_assistance:bool
claim | CLM-##### C-###### | status:open/under_review/approved/denied/paid/awaiting_documents amount:money payout:money filed_on:date adjuster:person incident_date:date settled_on:date deductible:money payment__issued_on:date documents__received_on:date claim_type:water_damage/collision/theft/hail/fire reference_number:code
meter | M-###### MTR######## | status:active/inactive/in_service last_reading_kwh:reading reading_date:date installed_on:date tariff:tariff next_reading:date serial_number:code location:spot
energy contract | EC-##### K-###### | status:active/pending/ended/suspended tariff:tariff monthly_rate:money price_per_kwh:rate start_date:date notice_period_weeks:small billing_day:small green_energy:bool meter_number:code next_payment_due:date
repair | REP-#### R###### WO-##### | status:received/diagnosed/in_progress/ready/completed/waiting_for_parts/picked_up device:device dropped_off_on:date estimated_completion:date quote:money technician:person warranty_months:small estimate__approved_on:date parts__ordered_on:date serial_number:code pickup_code:code customer_approved:bool
subscription | SUB-##### sub_######## S-##### | status:active/paused/cancelled/trialing/past_due plan:plan price:money billing_cycle:monthly/yearly/quarterly renews_on:date started_on:date trial_end:date seats:count auto_renewal:bool next_payment_due:date storage_gb:small
invoice | INV-##### ####-#### F-###### | status:paid/open/overdue/void/partially_paid amount_due:money total:money vat:money issued_on:date paid_on:date due_date:date payment_method:card billing_period:period iban:iban invoice_url:url late_fee:money
appointment | APT-#### A-##### ####### | status:confirmed/cancelled/scheduled/completed/rescheduled date:date time:clock provider:doctor location:branch duration_minutes:minutes service:service copay:money room:room_number preparation:prepare
prescription | RX-###### ####### | status:ready/filled/on_hold/expired/being_prepared medication:medication refills:small last_fill:date expires_on:date pharmacy:branch copay:money prescriber:doctor
parcel | PX######## 1Z######## ##########  | status:in_transit/delivered/out_for_delivery/held_at_depot/returned/delayed weight_kg:weight sender:company estimated_delivery:date shipped_on:date delivered_on:date pickup_point:branch signature_required:bool last_location:city insured_value:money customs_fee:money
ticket | T-#### TCK-##### #####  | status:open/resolved/closed/in_progress/waiting_for_customer opened_on:date updated_on:date priority:low/normal/high/urgent assigned_to:person category:billing/technical/delivery/account channel:chat/email/phone
loan | LN-###### L-##### | status:active/approved/paid_off/in_arrears/under_review balance:bigmoney monthly_payment:money interest_rate_percent:percent next_payment_due:date maturity_date:date principal:bigmoney term_months:months account_manager:person early_repayment_fee:money
card | CARD-#### card_##### | status:active/blocked/expired/frozen credit_limit:bigmoney balance:money available_credit:bigmoney expires_on:date last_four:fourdigits minimum_payment:money payment_due:date contactless_enabled:bool
rental | RNT-##### VH-#### | status:reserved/picked_up/returned/overdue vehicle:vehicle pickup_date:date return_date:date pickup_location:branch daily_rate:money deposit:money mileage_km:reading license_plate:plate fuel_policy:full-to-full/prepaid additional_driver:bool
membership | MEM-##### M-#### | status:active/paused/cancelled/frozen tier:Gold/Silver/Platinum/Basic/Premium points:points renews_on:date joined_on:date monthly_fee:money guest_passes:small home_club:branch member_number:code
mobile plan | PL-##### 07######## | status:active/suspended/pending plan_name:plan data_allowance_gb:small monthly_fee:money contract_end:date phone_number:phone roaming_enabled:bool activated_on:date sim_number:simnumber data_used_gb:small
course | CRS-### CS### | status:open/full/cancelled/in_progress/completed instructor:person starts_on:date ends_on:date tuition:money room:room_number credits:small schedule:schedule enrolled_students:count
event ticket | EV-###### TK##### | status:valid/used/refunded/transferred event:event venue:venue date:date door_time:clock seat:seat section:section price:money is_transferable:bool
donation | DN-##### GIFT-#### | status:received/pending/refunded amount:money donated_on:date campaign:campaign receipt_number:code frequency:monthly/one-time/yearly is_tax_deductible:bool
installation | INS-##### JOB-#### | status:scheduled/completed/in_progress/cancelled technician:person scheduled_on:date arrival_window:window service:service total:money completed_on:date access_code:code
warranty | W-##### WTY###### | status:active/expired/void product:device purchased_on:date expires_on:date valid_until:date serial_number:code coverage:parts_and_labor/parts_only/accidental_damage registered_on:date
deposit account | DA-###### ACC-##### | status:open/closed/frozen balance:bigmoney interest_rate_percent:percent iban:iban opened_on:date monthly_fee:money overdraft_limit:money branch:branch
cleaning visit | CV-#### VISIT-### | status:booked/completed/cancelled/in_progress cleaner:person date:date arrival_window:window duration_hours:small price:money access_instructions:prepare supplies_included:bool
pet stay | PS-#### STAY-#### | status:booked/checked_in/completed/cancelled pet_name:pet check_in:date check_out:date daily_rate:money total:money feeding_schedule:schedule vaccinations_verified:bool
property lease | LS-##### APT-###@ | status:active/pending/ended/under_review monthly_rent:money security_deposit:money ends_on:date starts_on:date landlord:person notice_period_days:minutes pets_allowed:bool unit:room_number rent_due:date
"""

# Fields of the customer's own record: "Your loyalty tier is Gold."
CUSTOMER_FIELDS = (
    "email:email phone:phone loyalty_points:points loyalty_tier:Gold/Silver/Trail/Ridge/Platinum default_address:address"
    " store_credit:money payment_method:card account_balance:money customer_number:code preferred_store:branch birthday:date"
    " newsletter_email:email referral_code:promo full_name:person"
)


@dataclass(frozen=True)
class Field:
    """A field's name in words, the sort of its value, and the name of the object around it, if any: `refund` in `refund__issued_on`."""

    words: tuple[str, ...]
    sort: str
    within: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of record."""

    noun: str
    patterns: tuple[str, ...]
    fields: tuple[Field, ...]


def _fields(source: str) -> tuple[Field, ...]:
    pairs = (item.split(":", 1) for item in source.split())
    split = ((name.rpartition("__"), sort) for name, sort in pairs)
    return tuple(Field(tuple(name.split("_")), sort, within) for (within, _, name), sort in split)


def kinds() -> list[Kind]:
    lines = (line.split("|") for line in _SOURCE.strip().splitlines())
    return [Kind(noun.strip(), tuple(patterns.split()), _fields(fields)) for noun, patterns, fields in lines]


def customer_fields() -> tuple[Field, ...]:
    return _fields(CUSTOMER_FIELDS)
