"""The words by which exports write coded answers; who reads them back takes the word or the code."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from services.registry.rules import formalization, inventory, national_ids, sales
from shared.events import vocabulary


@dataclass(frozen=True)
class Words:
    """The codes of one question, each with its word."""

    of: Mapping[str, str]

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """The code of a word; a code stands for itself."""
        return {code: code for code in self.of} | {word: code for code, word in self.of.items()}

    @property
    def listed(self) -> str:
        return ", ".join(self.of.values())


def _words(codes: tuple[str, ...], words: str) -> Words:
    return Words(dict(zip(codes, words.split(), strict=True)))


CHAINS = _words(
    vocabulary.CHAINS,
    "cafe textiles hortalizas granos_basicos lacteos miel pesca maranon artesania turismo alimentos cuidado_personal"
    " comercio servicios otra",
)
LINKS = _words(vocabulary.LINKS, "insumos produccion transformacion comercializacion servicios")
NEEDS = _words(vocabulary.NEEDS, "credito mercado calidad capacitacion formalizacion")
TIERS = _words(vocabulary.TIERS, "estrategico emergente")
PLACES = _words(vocabulary.PLACE_STATES, "pendiente confirmado contradicho sin_punto")
VALIDATION = _words(vocabulary.VALIDATION_STATES, "capturado verificado validado rechazado por_renovar")
SITES = _words(inventory.SITES, "vivienda local ambulante parcela")
SOURCES = _words(inventory.POINT_SOURCES, "dispositivo mapa oficina")
OWNERSHIPS = _words(inventory.OWNERSHIPS, "individual grupo cooperativa")
BANDS = _words(sales.BANDS, "ninguna muy_baja baja media alta muy_alta")
MARKETS = _words(inventory.MARKETS, "comunidad municipio departamento pais exportacion")
ASSETS = _words(inventory.ASSETS, "terreno edificio vehiculo maquinaria herramientas animales existencias otro")
SIDES = _words(inventory.SIDES, "proveedor comprador")
PARTNERS = _words(inventory.PARTNERS, "emprendimiento cooperativa intermediario tienda institucion consumidores otro")
STEPS = _words(formalization.STEPS, "numero_tributario licencia_municipal registro_sanitario marca")
STEP_STATES = _words(formalization.STATES, "no_iniciado en_tramite hecho no_necesario")
PERIODS = _words(inventory.PERIODS, "mes anio")
PURPOSES = _words(inventory.PURPOSES, "inventario credito mapa fotos")
CHANNELS = _words(inventory.CHANNELS, "ficha oficina telefono carta")
PEOPLES = Words({code: code for code in inventory.PEOPLES})
SCHOOLING = _words(inventory.SCHOOLING, "ninguna primaria_incompleta primaria basico diversificado tecnico universidad")
DEGREES = _words(inventory.DEGREES, "ninguna alguna mucha no_puede")
DOCUMENTS = Words({kind: kind for kind in national_ids.KINDS})
POINTS = _words(("exact", "masked", "not_shared", "none"), "exacto aproximado no_compartido sin_punto")
"""What the point of a row is to its reader."""
