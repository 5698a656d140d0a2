"""Which page and which command does what the standard doors do; or why none does."""

BROWSER = "the door answers a browser with a page of its own"
WAY = "a map program reads it to find its way to the features and tiles"
DRAWN = "a map program draws it, and nothing of it is to be read; `features download` has what is in it"

_OF_EACH = {
    "show": (BROWSER, "features collections"),
    "list": (BROWSER, "features download"),
    "get": (BROWSER, "features show"),
    "list_queryables": (BROWSER, "features queryables"),
}
DOORS = {
    "ogc.landing": (BROWSER, WAY),
    "ogc.conformance": (BROWSER, WAY),
    "ogc.collections": (BROWSER, "features collections"),
    **{
        f"ogc-{collection}.{name}": ways
        for collection in ("clusters", "enterprises", "layers", "units")
        for name, ways in _OF_EACH.items()
    },
    "ogc-clusters.download_clusters": ("download", "features download"),
    "ogc-enterprises.download_enterprises": ("download", "features download"),
    "ogc-layers.download_layer": ("download", "features download"),
    "ogc-units.download_units": ("download", "features download"),
    **{
        f"ogc-{collection}.{before}{name}": (BROWSER, WAY)
        for collection, before in (("clusters", ""), ("enterprises", ""), ("layers", ""), ("units", "unit_"))
        for name in ("tilesets", "tileset", "tilejson")
    },
    "ogc-clusters.tile": ("tile", DRAWN),
    "ogc-enterprises.tile": ("tile", DRAWN),
    "ogc-layers.tile": ("tile", DRAWN),
    "ogc-units.unit_tile": ("tile", DRAWN),
}
