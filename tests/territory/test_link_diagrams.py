"""The drawings of links: what is there, what is missing, what is held back; words escaped, well-formed, light."""

import gzip
from xml.etree import ElementTree as ET

from services.territory.rules.link_diagrams import Line, Node, draw_chain, draw_chains

PRODUCTION = Node("Producción", "16 mujeres", "present", 16)
MISSING = Node("Transformación", "Falta", "missing", 0)
HELD = Node("Venta <& más>", "1 mujer", "present", 1, held_back=True)
SVG = "{http://www.w3.org/2000/svg}"


def test_a_chain_is_drawn_from_link_to_link_with_an_arrow_between() -> None:
    root = ET.fromstring(draw_chain("c", "Café", "sobre", [PRODUCTION, MISSING, HELD], [PRODUCTION]))
    boxes = root.findall(f"{SVG}rect")[1:]
    assert len(boxes) == 4
    assert len(root.findall(f"{SVG}path")) == 2, "arrows between the three of the flow"
    assert boxes[1].get("stroke-dasharray")
    assert boxes[2].get("stroke") == boxes[1].get("stroke") != boxes[0].get("stroke")
    tops = [float(box.get("y", "")) for box in boxes]
    assert tops == sorted(tops)
    assert float((root.get("viewBox") or "").split()[3]) > tops[-1]


def test_the_words_of_two_drawings_on_a_page_have_names_of_their_own_and_are_escaped() -> None:
    one, other = (draw_chain(key, "A & B", "x", [HELD]) for key in ("one", "other"))
    assert 'aria-labelledby="one-title one-about"' in one
    assert 'id="other-title"' in other
    assert "&lt;&amp; más&gt;" in one
    assert "style=" not in one + other, "the policy of the pages forbids it"


def test_circles_are_as_large_as_there_are_women_and_a_ring_is_what_is_missing() -> None:
    lines = [Line("Café", [PRODUCTION, MISSING, Node("Venta", "4 mujeres", "present", 4), Node("x", "", "absent", 0)])]
    root = ET.fromstring(draw_chains("all", "Cadenas", "sobre", ["a", "b", "c d", "e"], lines))
    circles = root.findall(f"{SVG}circle")
    assert len(circles) == 3, "who is absent and not needed is not drawn"
    areas = [float(circle.get("r", "0")) ** 2 for circle in circles]
    assert round(areas[0] / areas[2], 1) == 4.0
    assert circles[1].get("stroke-dasharray")


def test_fifteen_chains_weigh_little() -> None:
    lines = [Line(f"Cadena {n}", [PRODUCTION, MISSING, HELD, MISSING, PRODUCTION]) for n in range(15)]
    assert len(gzip.compress(draw_chains("all", "t", "d", ["a"] * 5, lines).encode())) < 4_000
    assert draw_chains("all", "t", "d", ["a"], []).startswith("<svg")
