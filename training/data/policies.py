"""Sentences of policies and help articles of many businesses, with what is asked and how a reply may put them.

A topic is `sentence || questions || replies`, the last two separated by `|`. Slots: {m} amount, {n} and {k} numbers, {d} date, {t} and {u}
times, {e} e-mail, {w} web address, {p} phone, {b} branch, {i} thing, {c} code, {%} percent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import prompts
from check import fault_of, sentences_of, unsaid
from example import Example, drawn
from facts import capitalized
from grounded import LEADS
from questions import Pool
from values import ITEMS, Values

TOPICS = """
You can return an item within {n} days of delivery. || how long do I have to return something?|what's the return window?|can I still return an item?|until when can I send it back || You have {n} days from delivery to return an item.|You can return your item within {n} days of delivery.|Returns of an item are within {n} days of delivery.
Standard shipping costs {m} and takes {n} to {k} business days. || how much is shipping?|how long does delivery take?|what does standard shipping cost?|shipping price and time? || Standard shipping is {m} and takes {n} to {k} business days.|It takes {n} to {k} business days with standard shipping, which costs {m}.|For {m}, standard shipping takes {n} to {k} business days.
Shipping is free on orders of {m} or more. || do you have free shipping?|when is shipping free|how much do I need to spend for free delivery? || Yes, shipping is free on orders of {m} or more.|Orders of {m} or more have free shipping.|Shipping is free once your orders are {m} or more.
Refunds reach your original payment method {n} to {k} business days after we receive the return. || when do I get my money back?|how long does a refund take?|where does my refund go? || Your refund reaches the original payment method {n} to {k} business days after we receive your return.|It takes {n} to {k} business days after we receive the return: refunds reach your original payment method.
Our support line is open from {t} to {u}, and the number is {p}. || what's your phone number?|when can I call you?|are you open now, and how do I reach you? || You can reach our support line on {p}, open from {t} to {u}.|The number is {p}, and our support line is open from {t} to {u}.|Our line is open from {t} to {u} on {p}.
You can write to {e} at any time. || do you have an email address?|how do I contact you in writing?|where can I write to? || You can write to us at {e} at any time.|Please write to {e} at any time.|The address to write to is {e}.
The {b} store is open from {t} to {u} on weekdays. || when does the store open?|opening hours?|what are your hours on weekdays?|are you open on monday || On weekdays the {b} store is open from {t} to {u}.|Our {b} store opens from {t} to {u} on weekdays.
A late cancellation costs {m}. || is there a cancellation fee?|what if I cancel late?|do I have to pay when I cancel last minute? || There is a cost of {m} for a late cancellation.|Yes, a late cancellation costs {m}.|If it's late, cancellation costs {m}.
You can cancel free of charge up to {n} hours before check-in. || can I cancel for free?|until when can I cancel?|what's your cancellation rule for check-in? || Yes, you can cancel free of charge up to {n} hours before check-in.|It's free of charge to cancel up to {n} hours before check-in.
Check-in is from {t} and check-out is until {u}. || when is check-in?|what time do I have to leave?|check in and check out times please || Check-in starts from {t}, and check-out is until {u}.|You can check in from {t}, and check-out is until {u}.
A pet costs {m} per night. || can I bring my dog?|what do you charge for pets?|is there a pet fee || It costs {m} per night for a pet.|A pet is {m} per night.|Your pet costs {m} per night.
The {i} has a warranty of {n} months. || how long is the warranty?|is the {i} under warranty?|what guarantee do I get on the {i}? || The warranty of the {i} is {n} months.|Your {i} has a warranty of {n} months.|There is a warranty of {n} months on the {i}.
The code {c} gives {n}% off until {d}. || is there any discount?|what does code {c} do?|how long is the discount valid?|do you have a promo code? || Yes, the code {c} gives you {n}% off until {d}.|With the code {c} you get {n}% off until {d}.|You get {n}% off with code {c} until {d}.
You can track a parcel at {w}. || where can I track my parcel?|do you have a tracking page?|how do I follow my package? || You can track your parcel at {w}.|Your parcel can be tracked at {w}.|To track a parcel, the page is {w}.
A password reset link is valid for {n} minutes. || my reset link doesn't work, how long does it last?|how long is the password link valid?|reset link expired? || The password reset link is valid for {n} minutes.|Your reset link for the password is valid for {n} minutes.
Meter readings are due by day {n} of each month. || when do I send my meter reading?|deadline for the reading?|by when do you need my meter readings || Your meter readings are due by day {n} of each month.|By day {n} of each month, meter readings are due.
The late payment fee is {m} after {n} days. || what happens if I pay late?|is there a late fee?|how much is the late payment fee? || There is a late payment fee of {m} after {n} days.|After {n} days, the late payment fee is {m}.
Each passenger may take one bag of up to {n} kg, and a second bag costs {m}. || how much luggage can I take?|what's the fee for a second bag?|baggage allowance? || You may take one bag of up to {n} kg, and a second bag costs {m}.|Each passenger may take one bag of up to {n} kg; a second bag is {m}.
Claims must be filed within {n} days of the incident. || how long do I have to file a claim?|deadline for a claim?|can I still file a claim || Your claim must be filed within {n} days of the incident.|You have {n} days from the incident: claims must be filed within that.
The Premium plan costs {m} per month and includes {n} GB. || how much is premium?|what do I get with the premium plan?|premium plan price and data? || Premium is {m} per month and includes {n} GB.|For {m} per month, the Premium plan includes {n} GB.|The Premium plan includes {n} GB and costs {m} per month.
You can pause a subscription for up to {n} months at {w}. || can I pause my subscription?|how do I take a break from it?|how long can I pause for? || Yes, you can pause your subscription for up to {n} months at {w}.|A subscription can be paused for up to {n} months at {w}.
A deposit of {m} is held until the vehicle is returned. || do I need a deposit?|how much deposit do you take?|when do I get the deposit back? || Yes, a deposit of {m} is held until your vehicle is returned.|The deposit is {m}, held until the vehicle is returned.
Gift cards are valid for {n} years from the day of purchase. || do gift cards expire?|how long is a gift card good for?|gift card validity? || Your gift card is valid for {n} years from the day of purchase.|Gift cards stay valid for {n} years from the day of purchase.
Members earn {n} points for every {m} spent. || how do I earn points?|how many points do I get?|what does membership give me in points || As one of our members you earn {n} points for every {m} spent.|For every {m} spent, members earn {n} points.
The next class starts on {d} at {t} in {b}. || when is the next class?|where's the next class and when?|is there a class soon? || Our next class starts on {d} at {t} in {b}.|On {d} at {t} the next class starts in {b}.
An express repair takes {n} working days and costs {m}. || can you repair it faster?|how long does express repair take?|price of an express repair? || Yes, an express repair takes {n} working days and costs {m}.|For {m}, an express repair takes {n} working days.|It takes {n} working days for an express repair, and it costs {m}.
Orders placed before {t} ship the same day. || will it ship today?|what's the cutoff for same day shipping?|until when do I have to order? || If it's placed before {t}, your order ships the same day.|Yes, orders placed before {t} ship the same day.
Children under {n} travel free with an adult. || do kids pay?|is it free for my children?|age for free travel? || Yes, children under {n} travel free with an adult.|With an adult, children under {n} travel free.
The interest rate for overdrafts is {n}%. || what's the overdraft rate?|how much interest do I pay on my overdraft?|overdraft cost? || The overdraft interest rate is {n}%.|For overdrafts, the interest rate is {n}%.
A replacement card costs {m} and arrives within {n} working days. || I lost my card, what does a new one cost?|how fast do I get a replacement card?|replacement card fee? || A replacement card is {m} and arrives within {n} working days.|Your replacement card arrives within {n} working days and costs {m}.
"""


class PolicyExamples:
    """Draws examples for one split."""

    def __init__(self, chance: random.Random, split: str) -> None:
        self.chance = chance
        self.split = split
        self.values = Values(chance)
        self.pool = Pool(split == "test")
        every = [[part.strip() for part in line.split("||")] for line in TOPICS.strip().splitlines()]
        self.topics = [topic for topic in every if (topic[0] in self.pool.lines("|".join(t[0] for t in every)))]
        self.leads = self.pool.lines(LEADS)

    def examples(self, count: int) -> Iterator[Example]:
        return drawn(self._example, count)

    def _slots(self) -> dict[str, str]:
        value, chance = self.values.of, self.chance
        first = chance.randint(2, 30)
        return {
            "m": value("money"), "n": str(first), "k": str(first + chance.randint(1, 9)), "d": value("date"), "t": value("clock"), "u": value("clock"),
            "e": value("email"), "w": value("url"), "p": value("phone"), "b": value("branch"), "i": chance.choice(ITEMS), "c": value("promo"),
        }

    def _example(self) -> Example | None:
        chance = self.chance
        chosen = chance.sample(self.topics, min(chance.choice([1, 1, 1, 2]), len(self.topics)))
        slots = [self._slots() for _ in chosen]
        given = [topic[0].format(**slot) for topic, slot in zip(chosen, slots)]
        asked = chance.random() < 0.6 and len(chosen) == 2 and 2 or 1
        question = " and ".join(chance.choice(topic[1].split("|")).strip().format(**slot) for topic, slot in zip(chosen[:asked], slots))
        wordings = [chance.choice([topic[0].rstrip("."), *(reply.strip().rstrip(".") for reply in topic[2].split("|"))]) for topic in chosen[:asked]]
        reply = " ".join(f"{wording.format(**slot)}." for wording, slot in zip(wordings, slots))
        required = given[:asked]
        lead = ""
        if chance.random() < 0.35 and not reply.startswith(("Yes", "No")):
            lead = chance.choice(self.leads).strip() + " "
            reply = lead + (reply if lead.strip()[-1] in ".!" else reply[0].lower() + reply[1:])
        if any(fault_of(sentence, given) for sentence in sentences_of(reply)) or unsaid(required, reply):
            return None
        shown = given[::-1] if chance.random() < 0.4 else given
        question = capitalized(question) if chance.random() < 0.5 else question
        template = f"POLICY:{wordings[0]}"
        return Example(prompts.answer_messages(shown, question), reply, shown, required, "policy", "policy", template, self.split)
