"""Invented people: ordinary names and streets, put together by the seed. The cities and their ZIP and area codes are real."""

FIRST_NAMES = """Maria James Aisha Wei Carlos Hannah Tyler Fatima Kenji Olivia Marcus Sofia Liam Nia Andre Grace Omar Leila Ethan Rosa Samuel
Mei Jamal Ingrid Diego Chloe Ravi Naomi Patrick Yasmin Noah Gabriela Thomas Keisha Hiroshi Emily Luis Amara Brian Thuy Nathan Elena Isaac
Zainab Kevin Lucia Arjun Rachel Mateo Hye-jin Dylan Simone Viktor Abigail Malik Teresa Jonah Anika Walter Camila Dmitri Ruth Tomas Shanice
Peter Noor Caleb Francesca Ahmed Beth Joaquin Linh Derek Marisol Sean Adaeze Ian Tamika George Saanvi Cody Helena Raul Joan""".split()
LAST_NAMES = """Garcia Miller Johnson Nguyen Patel Kim Williams Brown Hernandez Okoye Chen Davis Martinez Wilson Singh Anderson Lopez Taylor Moore
Jackson Tran Thompson White Ramirez Lewis Clark Robinson Cohen Walker Perez Hall Young Allen Yamamoto Wright Scott Torres Hill Flores Green
Adams Nelson Baker Haddad Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Begay Stewart
Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Ward Richardson Watson Brooks Chavez
Wood James Bennett Gray Mendoza Hughes Price Alvarez Castillo Sanders Myers Long Ross Foster Jimenez Kowalski Larsen O'Brien""".split()
STREETS = """Maple Juniper Cedar Birch Willow Chestnut Magnolia Sycamore Aspen Hawthorn Prospect Franklin Lincoln Jefferson Washington Madison
Mill Church Spring River Lake Orchard Meadow Canyon Ridge Sunset Highland Valley Garden Harbor Depot Quarry""".split()
STREET_TYPES = ["Street", "Avenue", "Road", "Lane", "Drive", "Court", "Way", "Boulevard"]
# (city, state, ZIP, area code)
CITIES = [
    ("Boise", "ID", "83704", "208"), ("Bend", "OR", "97702", "541"), ("Portland", "OR", "97214", "503"), ("Fort Collins", "CO", "80525", "970"),
    ("Denver", "CO", "80211", "303"), ("Boulder", "CO", "80304", "303"), ("Asheville", "NC", "28804", "828"), ("Durham", "NC", "27701", "919"),
    ("Burlington", "VT", "05408", "802"), ("Montpelier", "VT", "05602", "802"), ("Seattle", "WA", "98103", "206"), ("Spokane", "WA", "99203", "509"),
    ("Tacoma", "WA", "98406", "253"), ("Missoula", "MT", "59801", "406"), ("Bozeman", "MT", "59715", "406"), ("Salt Lake City", "UT", "84105", "801"),
    ("Ogden", "UT", "84401", "801"), ("Reno", "NV", "89509", "775"), ("Sacramento", "CA", "95818", "916"), ("Oakland", "CA", "94611", "510"),
    ("San Diego", "CA", "92104", "619"), ("Fresno", "CA", "93704", "559"), ("Flagstaff", "AZ", "86001", "928"), ("Tucson", "AZ", "85716", "520"),
    ("Santa Fe", "NM", "87505", "505"), ("Albuquerque", "NM", "87106", "505"), ("Austin", "TX", "78704", "512"), ("Houston", "TX", "77008", "713"),
    ("San Antonio", "TX", "78209", "210"), ("Minneapolis", "MN", "55406", "612"), ("Duluth", "MN", "55804", "218"), ("Madison", "WI", "53703", "608"),
    ("Milwaukee", "WI", "53207", "414"), ("Chicago", "IL", "60625", "773"), ("Ann Arbor", "MI", "48103", "734"), ("Detroit", "MI", "48202", "313"),
    ("Columbus", "OH", "43206", "614"), ("Cleveland", "OH", "44113", "216"), ("Pittsburgh", "PA", "15206", "412"), ("Philadelphia", "PA", "19147", "215"),
    ("Brooklyn", "NY", "11215", "718"), ("Albany", "NY", "12208", "518"), ("Rochester", "NY", "14607", "585"), ("Hoboken", "NJ", "07030", "201"),
    ("Worcester", "MA", "01602", "508"), ("Somerville", "MA", "02144", "617"), ("Portland", "ME", "04103", "207"), ("Concord", "NH", "03301", "603"),
    ("Richmond", "VA", "23220", "804"), ("Roanoke", "VA", "24015", "540"), ("Knoxville", "TN", "37917", "865"), ("Nashville", "TN", "37206", "615"),
    ("Atlanta", "GA", "30307", "404"), ("Birmingham", "AL", "35205", "205"), ("New Orleans", "LA", "70115", "504"), ("Tampa", "FL", "33604", "813"),
    ("Kansas City", "MO", "64110", "816"), ("Omaha", "NE", "68132", "402"), ("Anchorage", "AK", "99508", "907"), ("Hilo", "HI", "96720", "808"),
]
