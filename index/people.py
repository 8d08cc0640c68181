"""Invented people's names and addresses for generate_accounts.py: ordinary parts, put together by the seed."""

FIRST_NAMES = """Ada Alan Amara Andre Anita Arlo Beatriz Ben Bianca Caleb Camila Carl Celia Chidi Clara Cora Dalia Damon Dana Declan
Diego Edith Elias Elena Emil Esme Ezra Farah Felix Fiona Gavin Gita Grace Hana Harold Hector Ida Imani Ingrid Isaac Ivy Jada Jonas
Josie Jude Kavya Keiko Kurt Lena Leo Lila Lorenzo Mabel Malik Mara Mateo Maya Miles Nadia Nico Nora Omar Opal Otis Paloma Petra
Quinn Rafael Ravi Reese Rosa Ruth Sami Selma Silas Sonia Tariq Tess Theo Tova Uma Victor Vera Wanda Wes Ximena Yara Yusuf Zane Zoe""".split()
LAST_NAMES = """Abbott Alvarez Anand Barlow Bauer Bishop Calder Castillo Chen Dawson Delgado Dhillon Eaton Ellis Farrow Fuentes Gibbs
Goswami Hale Hansen Ibarra Ito Jensen Joshi Kaplan Kowal Larkin Lindqvist Mahoney Mbeki Nakata Novak Okafor Ortega Park Pruitt
Quigley Ramos Rao Sandoval Sato Stroud Tanaka Thorne Ueda Vance Varga Walsh Whitlock Yilmaz Zamora""".split()
STREETS = """Alder Way|Birch Hollow Road|Canyon Crest Drive|Dry Creek Lane|Elkhorn Street|Fern Gully Court|Granite Avenue|Heron Street
Ironwood Drive|Juniper Lane|Kestrel Road|Larch Street|Meadowlark Avenue|North Fork Road|Orchard Street|Pinyon Drive|Quarry Road
Ridgeline Avenue|Sagebrush Lane|Timber Street|Upper Mill Road|Valley View Drive|Willow Bend|Yarrow Court""".replace("\n", "|").split("|")
CITIES = [("Boise", "ID", "83704"), ("Bend", "OR", "97702"), ("Fort Collins", "CO", "80521"), ("Asheville", "NC", "28804"),
          ("Burlington", "VT", "05408"), ("Missoula", "MT", "59801"), ("Flagstaff", "AZ", "86001"), ("Duluth", "MN", "55802"),
          ("Madison", "WI", "53703"), ("Spokane", "WA", "99201"), ("Reno", "NV", "89501"), ("Santa Fe", "NM", "87501"),
          ("Chattanooga", "TN", "37402"), ("Ithaca", "NY", "14850"), ("Portland", "ME", "04101"), ("Laramie", "WY", "82070"),
          ("Traverse City", "MI", "49684"), ("Roanoke", "VA", "24011"), ("Anchorage", "AK", "99501"), ("Hilo", "HI", "96720"),
          ("Austin", "TX", "78702"), ("Sacramento", "CA", "95814"), ("Columbus", "OH", "43215"), ("Providence", "RI", "02903")]
