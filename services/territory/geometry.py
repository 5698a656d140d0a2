"""PostGIS columns beside the plain ones, so that QGIS and SQL users meet an ordinary spatial database.

The service itself does not read them: its geometry work is done by shapely on both kinds of database.
"""

from sqlalchemy import Connection, text

COLUMNS = """
CREATE EXTENSION IF NOT EXISTS postgis;
ALTER TABLE boundary_shape ADD COLUMN IF NOT EXISTS geom geometry(MultiPolygon, 4326)
  GENERATED ALWAYS AS (ST_Multi(ST_GeomFromWKB(wkb, 4326))) STORED;
CREATE INDEX IF NOT EXISTS ix_boundary_shape_geom ON boundary_shape USING gist (geom);
ALTER TABLE copy_enterprise ADD COLUMN IF NOT EXISTS geom geometry(Point, 4326)
  GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED;
CREATE INDEX IF NOT EXISTS ix_copy_enterprise_geom ON copy_enterprise USING gist (geom);
ALTER TABLE layer_feature ADD COLUMN IF NOT EXISTS geom geometry(Geometry, 4326)
  GENERATED ALWAYS AS (ST_GeomFromWKB(wkb, 4326)) STORED;
CREATE INDEX IF NOT EXISTS ix_layer_feature_geom ON layer_feature USING gist (geom);
"""
POSSIBLE = """
SELECT installed_version IS NOT NULL OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_available_extensions WHERE name = 'postgis'
"""


def add_geometry(connection: Connection) -> bool:
    """Add the columns and their GiST indexes where PostGIS is loaded or may be loaded; whether that was so. Safe to
    run again: an administrator who loads PostGIS later adds them with `csem territory geometry`.
    """
    if connection.dialect.name != "postgresql" or not connection.execute(text(POSSIBLE)).scalar():
        return False
    connection.execute(text(COLUMNS))
    return True
