"""Where the customers of the generated company are: real towns by country, with what a CRM system knows of an address.

Source: coordinates of the towns as printed in any atlas, to a hundredth of a degree.
"""

PLACES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "United States": (
        ("Los Angeles", "California", "Los Angeles", "34.05", "-118.24"),
        ("San Jose", "CA", "Santa Clara", "37.34", "-121.89"),
        ("San Diego", "California", "San Diego", "32.72", "-117.16"),
        ("Seattle", "Washington", "King", "47.61", "-122.33"),
        ("Portland", "Oregon", "Multnomah", "45.52", "-122.68"),
        ("Phoenix", "Arizona", "Maricopa", "33.45", "-112.07"),
        ("Denver", "Colorado", "Denver", "39.74", "-104.99"),
        ("Houston", "Texas", "Harris", "29.76", "-95.37"),
        ("Dallas", "TX", "Dallas", "32.78", "-96.80"),
        ("Minneapolis", "Minnesota", "Hennepin", "44.98", "-93.27"),
        ("Chicago", "Illinois", "Cook", "41.88", "-87.63"),
        ("Detroit", "Michigan", "Wayne", "42.33", "-83.05"),
        ("Columbus", "Ohio", "Franklin", "39.96", "-83.00"),
        ("Atlanta", "Georgia", "Fulton", "33.75", "-84.39"),
        ("Miami", "Florida", "Miami-Dade", "25.76", "-80.19"),
        ("Charlotte", "North Carolina", "Mecklenburg", "35.23", "-80.84"),
        ("Pittsburgh", "Pennsylvania", "Allegheny", "40.44", "-80.00"),
        ("New York", "New York", "New York", "40.71", "-74.01"),
        ("Boston", "Massachusetts", "Suffolk", "42.36", "-71.06"),
    ),
    "Canada": (
        ("Toronto", "Ontario", "", "43.65", "-79.38"),
        ("Montreal", "Quebec", "", "45.50", "-73.57"),
        ("Vancouver", "British Columbia", "", "49.28", "-123.12"),
        ("Calgary", "Alberta", "", "51.05", "-114.07"),
    ),
    "Mexico": (("Mexico City", "CDMX", "", "19.43", "-99.13"), ("Monterrey", "Nuevo León", "", "25.69", "-100.32")),
    "Germany": (("Hamburg", "Hamburg", "", "53.55", "9.99"), ("Munich", "Bavaria", "", "48.14", "11.58")),
    "France": (
        ("Lyon", "Auvergne-Rhône-Alpes", "", "45.76", "4.84"),
        ("Lille", "Hauts-de-France", "", "50.63", "3.07"),
    ),
    "Norway": (("Oslo", "Oslo", "", "59.91", "10.75"), ("Bergen", "Vestland", "", "60.39", "5.32")),
}
"""Town, region as somebody typed it, county, latitude, longitude."""
