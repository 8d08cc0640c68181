"""What Fernhill Outfitters sells, and its fees and dates: the fixed facts behind `generate_accounts.py`.

Fernhill Outfitters is invented, and so are its carriers, card brands and products. Figures that customers are told (fees, thresholds,
warranties) are the ones in `knowledge/*.md`; change both together.
"""

from datetime import date

AS_OF = date(2026, 11, 20)  # the day on which the records are a snapshot
FIRST_DAY = date(2026, 6, 1)
# Days on which neither the warehouse nor the carriers work (weekends apart).
CARRIER_HOLIDAYS = {date(2026, 7, 3), date(2026, 9, 7), date(2026, 11, 26), date(2026, 12, 25)}

# method -> (cents, quickest and slowest business days from order to door, carrier)
SHIPPING = {
    "Standard": (695, 4, 6, "Northline Parcel"),
    "Expedited": (1495, 2, 3, "Summit Express"),
    "Next-Day": (2995, 1, 1, "Summit Express"),
    "Standard (Alaska, Hawaii and Puerto Rico)": (1495, 7, 12, "Northline Parcel"),
    "Store Pickup": (0, 0, 5, None),
}
FREE_STANDARD_FROM = 7500
OVERSIZE_FEE = 2000
GIFT_WRAP_FEE = 495
RETURN_LABEL_FEE = 695
REMOTE_STATES = {"AK", "HI", "PR"}

STORES = {
    "Boise": "410 Larkspur Avenue, Boise, ID 83702",
    "Bend": "88 Juniper Mill Road, Bend, OR 97701",
    "Fort Collins": "1520 Cache Street, Fort Collins, CO 80524",
    "Asheville": "27 Laurel Depot Lane, Asheville, NC 28801",
    "Burlington": "61 Harbor Loft Street, Burlington, VT 05401",
}
STORE_STATE = {"ID": "Boise", "OR": "Bend", "CO": "Fort Collins", "NC": "Asheville", "VT": "Burlington"}

# code -> (percent off full-price items, first day, last day, who may use it)
PROMO_CODES = {
    "WELCOME10": (10, FIRST_DAY, AS_OF, "first order"),
    "SUMMER15": (15, date(2026, 6, 20), date(2026, 7, 5), "anyone"),
    "FALLHIKE20": (20, date(2026, 9, 18), date(2026, 9, 27), "anyone"),
    "STUDENT10": (10, FIRST_DAY, AS_OF, "student"),
    "SERVICE10": (10, FIRST_DAY, AS_OF, "service"),
}

# Tier -> twelve-month spend in cents that earns it.
TIERS = {"Trail": 0, "Ridge": 40000, "Summit": 100000}

CARD_BRANDS = ["Meridian", "Union One", "Continental", "Orbit"]
WALLETS = ["PayBridge"]
INSTALLMENTS = "Stride Pay"

# State sales tax in hundredths of a percent; states not listed have none.
SALES_TAX = {
    "AL": 400, "AZ": 560, "AR": 650, "CA": 725, "CO": 290, "CT": 635, "FL": 600, "GA": 400, "HI": 400, "ID": 600, "IL": 625, "IN": 700,
    "IA": 600, "KS": 650, "KY": 600, "LA": 445, "ME": 550, "MD": 600, "MA": 625, "MI": 600, "MN": 688, "MS": 700, "MO": 423, "NE": 550,
    "NV": 685, "NJ": 663, "NM": 500, "NY": 400, "NC": 475, "ND": 500, "OH": 575, "OK": 450, "PA": 600, "RI": 700, "SC": 600, "SD": 420,
    "TN": 700, "TX": 625, "UT": 610, "VT": 600, "VA": 530, "WA": 650, "WV": 600, "WI": 500, "WY": 400,
}

WARRANTY = {
    "Tents": "5 years", "Sleeping Bags": "5 years", "Sleeping Pads": "3 years", "Packs": "10 years", "Jackets": "3 years",
    "Clothing": "1 year", "Footwear": "1 year", "Stoves and Cookware": "3 years", "Lighting and Electronics": "2 years",
    "Climbing Hardware": "3 years", "Climbing Textiles": "1 year", "Snow Safety": "2 years", "Hydration": "2 years",
    "Trekking Poles": "2 years", "Cycling": "2 years", "Paddling": "2 years", "Camp Furniture": "2 years", "Accessories": "1 year",
    "Fuel and Food": "none (consumable)",
}

CARE = {
    "Tents": "Sponge with cool water and mild soap; never machine wash. Dry fully before storing loosely.",
    "Sleeping Bags": "Wash in a front-loading machine with a gentle cleaner, tumble dry on low, and store uncompressed.",
    "Sleeping Pads": "Wipe with mild soap and water. Store unrolled with the valve open.",
    "Packs": "Empty, brush out and hand wash in lukewarm water; hang to dry in the shade.",
    "Jackets": "Close zippers, machine wash warm with a technical cleaner, then tumble dry on low for 20 minutes to renew the water repellency.",
    "Clothing": "Machine wash cool inside out with no fabric softener; lay flat or tumble dry on low.",
    "Footwear": "Brush off dirt, take out the insoles and dry at room temperature away from heat.",
    "Stoves and Cookware": "Let it cool, wipe clean, and check seals and hoses before every trip.",
    "Lighting and Electronics": "Wipe with a damp cloth. Recharge to about half before long storage.",
    "Climbing Hardware": "Rinse in warm water, dry, and lubricate moving parts. Inspect before every use.",
    "Climbing Textiles": "Hand wash in lukewarm water, dry in the shade, keep away from chemicals. Inspect before every use.",
    "Snow Safety": "Remove batteries for the summer; check function before every outing.",
    "Hydration": "Rinse with warm water and a little baking soda; dry fully with the lid off.",
    "Trekking Poles": "Separate the sections to dry after wet trips; never oil the locks.",
    "Cycling": "Wipe down after wet rides and check straps and bolts before each ride.",
    "Paddling": "Rinse with fresh water after use and dry in the shade.",
    "Camp Furniture": "Wipe the frame dry and spot clean the fabric.",
    "Accessories": "Spot clean with mild soap.",
    "Fuel and Food": "Store cool and dry, away from heat and flames.",
}

PRODUCTS = []


def product(sku, name, category, dollars, weight, materials, description, specs=None, step=None, final_sale=False, oversize=False,
            popular=3, **options):
    """Add one product family. `step` adds dollars to the price of an option value: {"Long": 20}."""
    PRODUCTS.append({
        "sku": sku, "name": name, "category": category, "cents": round(dollars * 100), "weight": weight, "materials": materials,
        "description": description, "specs": specs or {}, "step": step or {}, "final_sale": final_sale, "oversize": oversize,
        "popular": popular, "options": options,
    })


MENS = ["S", "M", "L", "XL", "XXL"]
WOMENS = ["XS", "S", "M", "L", "XL"]
BOOTS_M = ["8", "9", "9.5", "10", "10.5", "11", "12", "13"]
BOOTS_W = ["6", "7", "7.5", "8", "8.5", "9", "10"]

# Tents
product("TN-ALDER2", "Alder 2 Tent", "Tents", 329, "4 lb 2 oz", "20D ripstop nylon fly, 30D nylon floor, aluminum poles",
        "Two-person, three-season backpacking tent with two doors and two vestibules.",
        {"sleeps": 2, "seasons": "3-season", "floor_area": "30 sq ft", "packed_size": "19 x 6 in"}, popular=7,
        color=["Moss", "Ember", "Slate"])
product("TN-ALDER3", "Alder 3 Tent", "Tents", 399, "5 lb 1 oz", "20D ripstop nylon fly, 30D nylon floor, aluminum poles",
        "Three-person version of the Alder, with room for two adults and a dog.",
        {"sleeps": 3, "seasons": "3-season", "floor_area": "41 sq ft", "packed_size": "21 x 7 in"}, popular=4, color=["Moss", "Slate"])
product("TN-WREN1", "Wren 1 Tent", "Tents", 289, "2 lb 6 oz", "15D ripstop nylon fly and floor, aluminum poles",
        "One-person ultralight tent that pitches fly first in rain.",
        {"sleeps": 1, "seasons": "3-season", "floor_area": "19 sq ft", "packed_size": "17 x 4 in"}, popular=4, color=["Lichen", "Ember"])
product("TN-HOMESTEAD6", "Homestead 6 Tent", "Tents", 449, "18 lb 8 oz", "75D polyester fly, 150D polyester floor, steel and fiberglass poles",
        "Six-person car-camping tent you can stand up in, with a room divider.",
        {"sleeps": 6, "seasons": "3-season", "floor_area": "90 sq ft", "peak_height": "76 in"}, popular=4, color=["Forest", "Sand"])
product("TN-CORNICE2", "Cornice 2 Tent", "Tents", 649, "6 lb 9 oz", "40D ripstop nylon fly, 70D nylon floor, 10.5 mm aluminum poles",
        "Two-person four-season mountain tent with a full-coverage fly and snow skirts.",
        {"sleeps": 2, "seasons": "4-season", "floor_area": "33 sq ft", "packed_size": "22 x 8 in"}, popular=2, color=["Signal Orange"])
product("TN-ALDERFP", "Alder Footprint", "Accessories", 45, "7 oz", "68D polyester", "Groundsheet cut for the Alder tents.",
        {"fits": "Alder 2 and Alder 3"}, {"Alder 3": 10}, model=["Alder 2", "Alder 3"])
product("TN-TARP", "Overstory Tarp", "Tents", 129, "1 lb 3 oz", "30D silicone-coated nylon", "10 x 10 ft tarp with eight reinforced tie-outs.",
        {"size": "10 x 10 ft"}, color=["Moss", "Charcoal"])

# Sleeping bags and pads
product("SB-KESTREL20", "Kestrel 20 Sleeping Bag", "Sleeping Bags", 279, "2 lb 3 oz", "800-fill water-resistant down, 20D nylon shell",
        "Mummy bag for three-season backpacking.", {"comfort_rating": "30 °F", "limit_rating": "20 °F", "fill": "down"},
        {"Long": 20}, popular=6, length=["Regular", "Long"], zipper=["Left", "Right"])
product("SB-KESTREL0", "Kestrel 0 Sleeping Bag", "Sleeping Bags", 389, "3 lb 1 oz", "800-fill water-resistant down, 20D nylon shell",
        "Mummy bag for winter nights.", {"comfort_rating": "12 °F", "limit_rating": "0 °F", "fill": "down"}, {"Long": 20},
        length=["Regular", "Long"], zipper=["Left", "Right"])
product("SB-DOVE30W", "Women's Dove 30 Sleeping Bag", "Sleeping Bags", 229, "2 lb 2 oz", "650-fill down, 30D polyester shell",
        "Mummy bag with extra down at the feet and hips.", {"comfort_rating": "30 °F", "limit_rating": "21 °F", "fill": "down"},
        {"Long": 15}, popular=4, length=["Regular", "Long"])
product("SB-MARMOT40", "Meadow 40 Sleeping Bag", "Sleeping Bags", 119, "2 lb 12 oz", "Recycled synthetic fill, polyester shell",
        "Roomy rectangular summer bag; two zip together.", {"comfort_rating": "45 °F", "limit_rating": "40 °F", "fill": "synthetic"},
        popular=5, color=["Marigold", "Lake", "Moss"])
product("SB-CUB30", "Kids' Cub 30 Sleeping Bag", "Sleeping Bags", 89, "2 lb", "Recycled synthetic fill, polyester shell",
        "Child's mummy bag that lengthens as they grow.", {"comfort_rating": "35 °F", "limit_rating": "30 °F", "fits_up_to": "5 ft"},
        color=["Marigold", "Lake"])
product("SP-DRIFT", "Drift Insulated Pad", "Sleeping Pads", 169, "1 lb 1 oz", "30D ripstop nylon, synthetic insulation",
        "Inflatable three-season pad, 3 in thick.", {"r_value": 4.5, "thickness": "3 in"}, {"Long Wide": 30}, popular=6,
        size=["Regular", "Regular Wide", "Long Wide"])
product("SP-BEDROCK", "Bedrock Foam Pad", "Sleeping Pads", 49, "14 oz", "Closed-cell foam", "Folding foam pad that cannot puncture.",
        {"r_value": 2.0, "thickness": "0.75 in"}, popular=4, color=["Slate", "Marigold"])
product("SP-LODGE", "Lodge Self-Inflating Mattress", "Sleeping Pads", 139, "5 lb 2 oz", "75D polyester, open-cell foam",
        "Car-camping mattress, 4 in thick.", {"r_value": 6.0, "thickness": "4 in"}, {"Double": 110}, size=["Single", "Double"])

# Packs
product("PK-TRAVERSE45", "Traverse 45 Pack", "Packs", 199, "3 lb 4 oz", "210D recycled nylon, aluminum stay",
        "Weekend backpacking pack with a lid that becomes a hip pack.", {"capacity": "45 L", "max_load": "35 lb"}, popular=5,
        color=["Moss", "Slate"], torso=["S/M", "M/L"])
product("PK-TRAVERSE65", "Traverse 65 Pack", "Packs", 249, "3 lb 14 oz", "210D recycled nylon, aluminum frame",
        "Multi-day pack with an adjustable harness.", {"capacity": "65 L", "max_load": "50 lb"}, popular=5,
        color=["Moss", "Slate", "Ember"], torso=["S/M", "M/L"])
product("PK-SWIFT22", "Swift 22 Daypack", "Packs", 89, "1 lb 6 oz", "210D recycled nylon", "Daypack with a hydration sleeve and rain cover.",
        {"capacity": "22 L"}, popular=7, color=["Lake", "Moss", "Ember", "Charcoal"])
product("PK-COMMUTE28", "Millrace 28 Pack", "Packs", 119, "2 lb 1 oz", "600D recycled polyester", "Commuter pack with a padded 15 in laptop sleeve.",
        {"capacity": "28 L"}, popular=4, color=["Charcoal", "Sand"])
product("PK-CARRIER", "Papoose Child Carrier", "Packs", 329, "6 lb 13 oz", "420D nylon, aluminum frame",
        "Child carrier with sunshade and kickstand, for children 16 to 40 lb.", {"max_load": "48 lb with gear"}, popular=2, color=["Lake"])
product("PK-DUFFEL60", "Portage 60 Duffel", "Packs", 129, "2 lb 11 oz", "900D coated polyester", "Weatherproof duffel with backpack straps.",
        {"capacity": "60 L"}, {"90 L": 30}, color=["Ember", "Charcoal"], size=["60 L", "90 L"])

# Jackets
product("JK-SQUALLM", "Men's Squall Rain Jacket", "Jackets", 179, "13 oz", "3-layer waterproof breathable nylon",
        "Three-layer rain jacket with pit zips and a helmet-compatible hood.", {"waterproof": "20,000 mm"}, popular=6,
        color=["Moss", "Ember", "Midnight"], size=MENS)
product("JK-SQUALLW", "Women's Squall Rain Jacket", "Jackets", 179, "12 oz", "3-layer waterproof breathable nylon",
        "Three-layer rain jacket with pit zips and a helmet-compatible hood.", {"waterproof": "20,000 mm"}, popular=6,
        color=["Lake", "Ember", "Heather"], size=WOMENS)
product("JK-EIDERM", "Men's Eider Down Jacket", "Jackets", 249, "12 oz", "700-fill down, 20D recycled nylon", "Packable hooded down jacket.",
        {"fill": "700-fill down"}, popular=4, color=["Midnight", "Marigold"], size=MENS)
product("JK-EIDERW", "Women's Eider Down Jacket", "Jackets", 249, "11 oz", "700-fill down, 20D recycled nylon", "Packable hooded down jacket.",
        {"fill": "700-fill down"}, popular=4, color=["Heather", "Lichen"], size=WOMENS)
product("JK-TARNM", "Men's Tarn Fleece", "Jackets", 99, "14 oz", "Recycled polyester grid fleece", "Midweight full-zip fleece.", popular=5,
        color=["Slate", "Moss"], size=MENS)
product("JK-TARNW", "Women's Tarn Fleece", "Jackets", 99, "12 oz", "Recycled polyester grid fleece", "Midweight full-zip fleece.", popular=5,
        color=["Heather", "Lake"], size=WOMENS)
product("JK-GUSTU", "Gust Wind Shell", "Jackets", 89, "4 oz", "15D ripstop nylon", "Unisex wind shell that stuffs into its own pocket.",
        color=["Lichen", "Charcoal"], size=WOMENS)
product("JK-PUDDLEK", "Kids' Puddle Rain Jacket", "Jackets", 59, "9 oz", "2-layer waterproof polyester", "Child's rain jacket with reflective trim.",
        color=["Marigold", "Lake"], size=["4", "6", "8", "10", "12"])
product("JK-BELAY", "Couloir Belay Parka", "Jackets", 329, "1 lb 9 oz", "Synthetic insulation, 30D nylon",
        "Warm synthetic parka that fits over a harness; last season's colors.", final_sale=True, popular=1, color=["Signal Orange"],
        size=["S", "M", "L"])

# Clothing
product("CL-MERINO-M", "Men's Merino 150 Base Layer", "Clothing", 75, "7 oz", "100% merino wool", "Lightweight long-sleeve crew.", popular=5,
        color=["Charcoal", "Moss"], size=MENS)
product("CL-MERINO-W", "Women's Merino 150 Base Layer", "Clothing", 75, "6 oz", "100% merino wool", "Lightweight long-sleeve crew.", popular=5,
        color=["Charcoal", "Heather"], size=WOMENS)
product("CL-RIDGEPANT-M", "Men's Scree Hiking Pants", "Clothing", 85, "11 oz", "Recycled nylon, elastane", "Stretch hiking pants with zip pockets.",
        popular=5, color=["Sand", "Charcoal"], waist=["30", "32", "34", "36", "38"], inseam=["30 in", "32 in"])
product("CL-RIDGEPANT-W", "Women's Scree Hiking Pants", "Clothing", 85, "9 oz", "Recycled nylon, elastane", "Stretch hiking pants with zip pockets.",
        popular=5, color=["Sand", "Slate"], size=["0", "2", "4", "6", "8", "10", "12", "14"])
product("CL-SUNHOODY", "Sunward Hoody", "Clothing", 65, "6 oz", "Recycled polyester", "Unisex sun hoody.", {"sun_protection": "UPF 50+"}, popular=4,
        color=["Lichen", "Sand", "Lake"], size=WOMENS)
product("CL-SOCKS", "Mosswool Hiking Socks", "Clothing", 22, "3 oz", "Merino wool, nylon, elastane", "Crew hiking socks with light cushion.",
        popular=9, color=["Slate", "Moss", "Heather"], size=["S", "M", "L"])
product("CL-BEANIE", "Larkspur Beanie", "Clothing", 28, "2 oz", "Merino wool", "Ribbed wool beanie.", popular=5, color=["Marigold", "Midnight", "Moss"])
product("CL-GLOVES", "Hoarfrost Gloves", "Clothing", 55, "5 oz", "Softshell, goat leather palm, synthetic insulation",
        "Insulated winter gloves with touchscreen fingertips.", popular=3, color=["Charcoal"], size=["S", "M", "L", "XL"])
product("CL-SHORTS", "Eddy River Shorts", "Clothing", 29.97, "6 oz", "Recycled nylon", "Quick-drying shorts; end of season.", final_sale=True,
        color=["Lake", "Sand"], size=["S", "M", "L", "XL"])

# Footwear
product("FW-GRANITE-M", "Men's Granite Mid Boots", "Footwear", 189, "2 lb 8 oz a pair", "Nubuck leather, waterproof membrane, rubber lug sole",
        "Waterproof mid-height hiking boots.", {"waterproof": "yes", "resoleable": "yes"}, popular=6, color=["Walnut", "Slate"], size=BOOTS_M)
product("FW-GRANITE-W", "Women's Granite Mid Boots", "Footwear", 189, "2 lb 2 oz a pair", "Nubuck leather, waterproof membrane, rubber lug sole",
        "Waterproof mid-height hiking boots.", {"waterproof": "yes", "resoleable": "yes"}, popular=6, color=["Walnut", "Lichen"], size=BOOTS_W)
product("FW-FLEET-M", "Men's Fleet Trail Runners", "Footwear", 139, "1 lb 5 oz a pair", "Recycled mesh, rubber sole", "Cushioned trail runners, 6 mm drop.",
        {"drop": "6 mm"}, popular=4, color=["Ember", "Charcoal"], size=BOOTS_M)
product("FW-FLEET-W", "Women's Fleet Trail Runners", "Footwear", 139, "1 lb 2 oz a pair", "Recycled mesh, rubber sole",
        "Cushioned trail runners, 6 mm drop.", {"drop": "6 mm"}, popular=4, color=["Lake", "Heather"], size=BOOTS_W)
product("FW-TOWPATH", "Towpath Sandals", "Footwear", 85, "1 lb 4 oz a pair", "Recycled webbing, rubber sole", "Unisex water sandals with three adjustable straps.",
        popular=3, color=["Charcoal", "Lake"], size=["6", "7", "8", "9", "10", "11", "12"])
product("FW-GAITERS", "Bracken Gaiters", "Footwear", 49, "6 oz a pair", "Coated nylon", "Knee-high gaiters for mud and snow.", popular=2,
        color=["Charcoal"], size=["S/M", "L/XL"])

# Stoves, cookware, fuel and food
product("ST-CINDER", "Cinder Canister Stove", "Stoves and Cookware", 59, "3 oz", "Stainless steel, aluminum", "Screw-on canister stove with piezo lighter.",
        {"boil_time": "3.5 minutes for 1 L", "fuel": "isobutane-propane canister"}, popular=6)
product("ST-KILN", "Kiln 1 L Cooking System", "Stoves and Cookware", 129, "13 oz", "Anodized aluminum, steel burner",
        "Integrated stove and pot with heat exchanger.", {"boil_time": "2.5 minutes for 0.5 L", "fuel": "isobutane-propane canister"}, popular=4,
        color=["Charcoal", "Ember"])
product("ST-HEARTH2", "Hearth Two-Burner Stove", "Stoves and Cookware", 149, "11 lb", "Powder-coated steel", "Two-burner propane stove for the campsite.",
        {"output": "2 x 10,000 BTU", "fuel": "1 lb propane cylinder"}, popular=3)
product("ST-COOKSET", "Kettle Creek Cookset", "Stoves and Cookware", 79, "1 lb 5 oz", "Hard-anodized aluminum", "Two pots, a pan and four plates that nest.",
        {"serves": "2 to 4"}, popular=4)
product("ST-MUG", "Fernhill Camp Mug", "Accessories", 18, "4 oz", "Double-wall stainless steel", "12 oz insulated mug.", popular=7,
        color=["Moss", "Marigold", "Midnight", "White"])
product("FU-ISO230", "Trailflame Fuel Canister 230 g", "Fuel and Food", 8.95, "13 oz", "Isobutane-propane mix", "Threaded fuel canister. Ground shipping only.",
        {"hazardous": "ground shipping only"}, popular=5)
product("FU-MEAL", "Backbone Trail Meal", "Fuel and Food", 12.50, "5 oz", "Freeze-dried; see pack for ingredients", "Two-serving meal: add boiling water and wait 10 minutes.",
        {"servings": 2}, popular=5, flavor=["Lentil Curry", "Beef Chili", "Pasta Primavera"])

# Lighting and electronics
product("LT-GLINT", "Glint 400 Headlamp", "Lighting and Electronics", 59, "2.8 oz", "Polycarbonate, aluminum", "Rechargeable headlamp with a red mode.",
        {"output": "400 lumens", "burn_time": "60 hours on low", "water_rating": "IPX7"}, popular=7, color=["Charcoal", "Ember"])
product("LT-GLINT200", "Glint 200 Headlamp", "Lighting and Electronics", 34, "2.6 oz", "Polycarbonate", "Simple headlamp on three AAA batteries.",
        {"output": "200 lumens", "burn_time": "40 hours on low", "water_rating": "IPX4"}, popular=5, color=["Lake", "Moss"])
product("LT-LANTERN", "Firefly Lantern", "Lighting and Electronics", 45, "9 oz", "Recycled plastic", "Rechargeable lantern that doubles as a power bank.",
        {"output": "300 lumens", "battery": "5,000 mAh lithium-ion"}, popular=4)
product("LT-SOLAR", "Daybreak 15 W Solar Panel", "Lighting and Electronics", 109, "1 lb 2 oz", "Monocrystalline cells, polyester", "Folding solar panel with two USB ports.",
        {"output": "15 W"}, popular=2)
product("LT-BEACON", "Cairn Satellite Messenger", "Lighting and Electronics", 299, "3.5 oz", "Polycarbonate", "Two-way satellite messenger with SOS; needs a plan.",
        {"battery_life": "14 days", "battery": "lithium-ion"}, popular=2, color=["Signal Orange", "Charcoal"])

# Climbing and snow
product("CB-HARNESS", "Buttress Harness", "Climbing Textiles", 79, "13 oz", "Nylon webbing, foam", "All-round harness with four gear loops.", popular=3,
        color=["Slate", "Lake"], size=["XS", "S", "M", "L", "XL"])
product("CB-ROPE", "Filament 9.6 mm Rope", "Climbing Textiles", 229, "9 lb 4 oz (60 m)", "Nylon", "Dry-treated single rope.", {"diameter": "9.6 mm"},
        {"70 m": 35}, popular=2, color=["Lake", "Ember"], length=["60 m", "70 m"])
product("CB-DRAWS", "Cadence Quickdraw Set", "Climbing Hardware", 109, "1 lb 5 oz", "Aluminum, polyamide slings", "Six 12 cm quickdraws.", popular=2)
product("CB-HELMET", "Talus Helmet", "Climbing Hardware", 75, "11 oz", "ABS shell, foam liner", "Climbing helmet with headlamp clips.", popular=3,
        color=["White", "Lichen"], size=["S/M", "M/L"])
product("SN-BEACON", "Fathom Avalanche Transceiver", "Snow Safety", 349, "7.4 oz", "Polycarbonate", "Three-antenna digital transceiver.",
        {"range": "60 m", "batteries": "3 x AAA alkaline"}, popular=2)
product("SN-SHOVEL", "Spindrift Snow Shovel", "Snow Safety", 65, "1 lb 9 oz", "Tempered aluminum", "Collapsible avalanche shovel.", popular=2)
product("SN-PROBE", "Spindrift 270 Probe", "Snow Safety", 59, "10 oz", "Aluminum", "270 cm quick-deploy avalanche probe.", popular=1)
product("SN-SHOES", "Ptarmigan Snowshoes", "Snow Safety", 189, "4 lb 4 oz a pair", "Aluminum frame, polymer deck", "Trail snowshoes with heel lifts.",
        {"max_load": "25 in: 180 lb; 30 in: 250 lb"}, {"30 in": 10}, popular=2, size=["25 in", "30 in"])

# Water, poles, cycling, paddling, camp
product("HY-BOTTLE", "Springhead 32 oz Bottle", "Hydration", 32, "12 oz", "Stainless steel", "Insulated bottle that keeps water cold for 24 hours.", popular=8,
        color=["Moss", "Lake", "Marigold", "Charcoal"])
product("HY-FILTER", "Brook Squeeze Filter", "Hydration", 42, "3 oz", "Hollow-fiber membrane", "Squeeze filter for up to 1,000 liters.", {"pore_size": "0.1 micron"}, popular=6)
product("HY-RESERVOIR", "Cascade 3 L Reservoir", "Hydration", 38, "6 oz", "BPA-free film", "Hydration reservoir with a magnetic hose clip.", popular=4)
product("TP-STRIDER", "Strider Carbon Poles", "Trekking Poles", 139, "15 oz a pair", "Carbon fiber, cork grips", "Three-section folding-lock trekking poles.", popular=4,
        size=["100-120 cm", "110-130 cm"])
product("TP-HIKER", "Hiker Aluminum Poles", "Trekking Poles", 69, "1 lb 2 oz a pair", "Aluminum, foam grips", "Adjustable trekking poles with lever locks.", popular=5,
        color=["Slate", "Ember"])
product("CY-HELMET", "Towline Bike Helmet", "Cycling", 89, "11 oz", "Polycarbonate, foam liner", "Trail and commuter bike helmet with rotational protection.", popular=3,
        color=["White", "Moss", "Charcoal"], size=["S", "M", "L"])
product("CY-BAG", "Switchback Frame Bag", "Cycling", 79, "8 oz", "Coated nylon", "Bikepacking frame bag, waterproof zipper.", popular=2, size=["S", "M", "L"])
product("CY-TRAILER", "Tagalong Bike Trailer", "Cycling", 379, "24 lb", "Aluminum frame, polyester", "Two-child bike trailer that becomes a stroller.",
        {"max_load": "100 lb"}, oversize=True, popular=1, color=["Lake"])
product("PD-KAYAK", "Backwater Inflatable Kayak", "Paddling", 599, "34 lb", "Drop-stitch PVC", "Two-person inflatable kayak with pump and two paddles.",
        {"max_load": "450 lb"}, oversize=True, popular=1, color=["Lake", "Marigold"])
product("PD-PFD", "Eddyline Life Jacket", "Paddling", 99, "1 lb 7 oz", "Nylon, foam", "Type III life jacket with a front pocket.", popular=2,
        color=["Signal Orange", "Lake"], size=["XS/S", "M/L", "XL/XXL"])
product("PD-DRYBAG", "Bulrush Dry Bag", "Paddling", 29, "6 oz", "Coated nylon", "Roll-top dry bag.", None, {"20 L": 8, "35 L": 16}, popular=4,
        size=["10 L", "20 L", "35 L"], color=["Marigold", "Slate"])
product("CF-CHAIR", "Perch Camp Chair", "Camp Furniture", 79, "2 lb 2 oz", "Aluminum, polyester mesh", "Packable chair that holds 300 lb.", popular=6,
        color=["Moss", "Ember", "Charcoal"])
product("CF-TABLE", "Trestle Camp Table", "Camp Furniture", 89, "5 lb 4 oz", "Aluminum, ash wood", "Roll-top table for four.", popular=2)
product("CF-HAMMOCK", "Sway Hammock", "Camp Furniture", 69, "1 lb 1 oz", "70D nylon", "Two-person hammock with tree straps.", popular=4, color=["Lake", "Lichen"])
product("CF-COOLER", "Icehouse 45 Cooler", "Camp Furniture", 249, "22 lb", "Rotomolded polyethylene", "45 qt cooler that keeps ice for five days.", oversize=True,
        popular=2, color=["Sand", "Moss"])
product("AC-GIFTCARD", "Fernhill Gift Card", "Accessories", 25, "digital", "Digital code by e-mail, or a recycled-paper card", "Gift card from $10 to $500; never expires.",
        None, {"$50": 25, "$100": 75, "$250": 225}, popular=3, amount=["$25", "$50", "$100", "$250"])
product("AC-FIRSTAID", "Waypoint First Aid Kit", "Accessories", 39, "12 oz", "Nylon pouch", "First aid kit for four people for three days.", popular=4)
product("AC-SPRAY", "Renew Wash and Waterproofer", "Accessories", 24, "1 lb 4 oz", "PFAS-free", "Two-step cleaner and water repellent for shells.", popular=4)
product("AC-PATCH", "Field Repair Kit", "Accessories", 19, "3 oz", "Nylon patches, seam sealer, pole splint", "Repairs tents, pads and jackets on the trail.", popular=4)
product("AC-MAP", "Fernhill Trail Map", "Accessories", 12.97, "2 oz", "Waterproof paper", "Waterproof topographic map; previous edition.", final_sale=True, popular=2,
        region=["Sawtooth", "Cascade Lakes", "Front Range", "Blue Ridge"])
