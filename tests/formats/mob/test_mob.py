"""The MOB analogues: read back, parsed by a grammar written apart from the reader, replayed from the file alone."""

import contextlib
import math
import zlib
from dataclasses import replace

import lark
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, box, unary_union

from fabwright.bridge import BridgeSettings, PlacedPanel, Routing, compare_programs, plan_panel, plan_run
from fabwright.demo.house import build_house
from fabwright.errors import FormatError, InputError, VerificationError
from fabwright.formats import registry
from fabwright.formats.mob import MOB1, MOB2, MobHead, read_mob, verify_mob, write_mob
from fabwright.formats.mob.verify import as_written
from fabwright.formats.wup.rows import plain
from tests.bridge.bridge_panels import placed, rectangle, small_wall
from tests.bridge.bridge_programs import programs

# The schemas of docs/reference/panel-files.md, written without the writer's tables.
GRAMMAR = r"""
    start: FIRST END (txt | head)* layer* trim* last?
    head: "REIHE " SIDE END                                             -> side
        | "ELN " NAME? END                                              -> name
        | "ELM " num (SEP num)~5 END                                    -> size
        | "MACHINE " NAME? SEP num SEP num SEP num SEP INT END          -> machine
        | "ZERO " ZERO END                                              -> zero
        | "GROUP " NAME? SEP INT SEP num END                            -> group
        | "PANEL " INT SEP NAME? SEP num SEP NAME? END                  -> panel
    layer: "Layer " INT SEP LSIDE SEP num SEP num SEP num END (txt | item)* "End Layer" END
    item: LYING num (SEP num)~5 SEP NAME? SEP num END                   -> lying
        | "QS " num (SEP num)~5 SEP NAME? SEP num END                   -> standing
        | "BT4 " num (SEP num)~11 SEP NAME? SEP num END                 -> quad
        | "BTn " num (SEP num)~6 SEP NAME? END polygon                  -> free
        | "PLP " num (SEP num)~4 SEP NAME? SEP num SEP num END polygon? -> board
        | "PSF" END polygon                                             -> blocked
        | "NRZ " num (SEP num)~6 WORK END                               -> nails
        | "BOH " num (SEP num)~5 WORK END                               -> hole
        | "LEM " num SEP num WORK END polygon                           -> glue
        | "PAF " num SEP num SEP num WORK END polygon                   -> mill
        | "PSG " num SEP num SEP num WORK END polygon                   -> saw
    polygon: "PP " num SEP num tail? END (pp | arc)+ | "MP " num SEP num SEP num tail? END
    pp: "PP " num SEP num tail? END
    arc: "KB " num SEP num SEP num SEP ARC tail? END
    tail: (SEP num)~1..4
    trim: "TRIM " INT SEP INT SEP NAME SEP INT END
    last: "END " INT SEP INT SEP CRC END
    txt: "TXT " WORDS END
    num: NUMBER | INT
    SIDE: "inside" | "outside"
    LSIDE: "inside" | "center" | "outside"
    ZERO: "walls" | "floors"
    LYING: /(OG|UG|LS) /
    ARC: /A[cC][wc]/
    SEP: ", "
    INT.2: /-?[0-9]+(?![0-9.])/
    NUMBER: /-?[0-9]+(\.[0-9]{1,3})?/
    NAME: /[^,;\r\n]{1,70}/
    CRC: /[0-9A-F]{8}/
    WORDS: /[^;\r\n]{1,240}/
    END: ";\r\n"
"""
FIRST, SECOND = '    FIRST: "VERSION 3.00"\n', '    FIRST: "MOB2 1.0"\n'
GRAMMAR1 = lark.Lark(GRAMMAR.replace(" WORK END", " END") + FIRST, parser="lalr")
GRAMMAR2 = lark.Lark(GRAMMAR.replace(" WORK END", " SEP INT SEP INT SEP INT END") + SECOND, parser="lalr")
PARSERS = {MOB1: GRAMMAR1, MOB2: GRAMMAR2}

any_settings = st.builds(
    BridgeSettings,
    starting_side=st.sampled_from(["inside", "outside"]),
    shift_mode=st.sampled_from(["none", "layers", "operations"]),
    machine_zero=st.sampled_from(["walls", "floors"]),
    carriages=st.integers(1, 4),
    correction=st.sampled_from(["3.4", "3.7"]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(programs(), any_settings, st.sampled_from([MOB1, MOB2]))
def test_any_program_is_read_back(program, chosen, edition) -> None:
    data = write_mob(program, chosen, MobHead(edition, "line", "group"))
    document = read_mob(data, correction=chosen.correction)
    asked = as_written(program)
    compare_programs(asked if edition == MOB2 else replace(asked, panels=()), document.program, "any")
    assert document.edition == edition
    assert document.starting_side == chosen.starting_side
    if edition == MOB2:
        assert (document.zero, document.carriages, document.line) == (chosen.machine_zero, chosen.carriages, "line")
        assert len(document.work) == len(program.operations)
        assert [one.tool for one in document.work] == [one.tool for one in program.operations]
        assert document.group == ("group" if program.panels else "")


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(programs(), any_settings, st.sampled_from([MOB1, MOB2]))
def test_another_grammar_takes_every_file(program, chosen, edition) -> None:
    data = write_mob(replace(program, name=plain(program.name)), chosen, MobHead(edition, "line", "group"))
    PARSERS[edition].parse(data.decode())


def numbers(tree: lark.Tree) -> list[float]:
    return [float(child.children[0]) for child in tree.children if isinstance(child, lark.Tree) and child.data == "num"]


@pytest.mark.parametrize("side", ["inside", "outside"])
@pytest.mark.parametrize("shift", ["none", "layers", "operations"])
def test_a_wall_replays_from_its_file_alone(side, shift) -> None:
    """The rules of the page, applied anew: shifts are added, then x' = length - x is undone in outer layers."""
    panel = build_house()[6]
    chosen = BridgeSettings(starting_side=side, shift_mode=shift)
    program = plan_panel(panel, chosen)
    tree = GRAMMAR2.parse(write_mob(program, chosen, MobHead(MOB2)).decode())
    length, height = numbers(next(tree.find_data("size")))[:2]
    element = box(0, 0, length, height).buffer(0.003)
    frame, nails, last = [], 0, 0
    for layer in tree.find_data("layer"):
        zone = int(layer.children[0])
        shift_x = shift_y = 0.0
        boards = []
        for item in layer.children:
            if not isinstance(item, lark.Tree):
                continue
            if item.data == "txt" and "# shift" in item.children[0]:
                shift_x, shift_y = map(float, str(item.children[0]).split()[2:4])
            n = numbers(item)

            def place(x, y, zone=zone, dx=shift_x, dy=shift_y):
                x, y = x + dx, y + dy
                return (length - x if side == "outside" and zone > 0 else x, y)

            if item.data in ("lying", "standing"):
                lx, ly = (n[0], n[1]) if item.data == "lying" else (n[1], n[0])
                (ax, ay), (bx, by) = place(n[3], n[4]), place(n[3] + lx, n[4] + ly)
                frame.append(box(min(ax, bx), ay, max(ax, bx), by))
            elif item.data == "board":
                (ax, ay), (bx, by) = place(n[0], n[1]), place(n[0] + n[2], n[1] + n[3])
                boards.append(box(min(ax, bx), ay, max(ax, bx), by))
            elif item.data == "nails":
                order = int(item.children[-2])
                assert order > last
                last = order
                count = round(math.hypot(n[2] - n[0], n[3] - n[1]) / n[4]) + 1
                nails += count
                for k in range(count):
                    t = k / max(count - 1, 1)
                    spot = Point(place(n[0] + (n[2] - n[0]) * t, n[1] + (n[3] - n[1]) * t))
                    assert element.covers(spot)
                    assert unary_union(frame).buffer(0.003).covers(spot)
                    assert unary_union(boards).buffer(0.003).covers(spot)
    ops, said, _ = next(tree.find_data("last")).children[:5:2]
    assert (int(ops), int(said)) == (len(program.operations), nails)
    assert nails == program.nail_count


@pytest.mark.parametrize("edition", [MOB1, MOB2])
@pytest.mark.parametrize("panel", build_house()[2::6], ids=lambda panel: panel.name)
def test_every_kind_of_panel_is_verified(panel, edition) -> None:
    chosen = BridgeSettings(starting_side="outside", shift_mode="operations", outer_contours="saw", glue="lines",
                            machine_zero="floors", glue_amount=40.0)  # fmt: skip
    program = plan_panel(panel, chosen)
    data = write_mob(program, chosen, MobHead(edition))
    verify_mob(data, program, placed(panel), chosen, MobHead(edition), panel.name)
    PARSERS[edition].parse(data.decode())
    assert data == write_mob(program, chosen, MobHead(edition))


def test_a_run_of_panels_is_one_file_with_the_places_of_its_panels() -> None:
    first, second = build_house()[:2]
    run = [PlacedPanel(first, 0.0, "u1", "W01"), PlacedPanel(second, first.size[0] + 60.0, "u2", "W02")]
    chosen = BridgeSettings(starting_side="outside")
    program = plan_run(run, chosen, name="G1", gap=60.0)
    data = write_mob(program, chosen, MobHead(MOB2, "line", "g-1"))
    verify_mob(data, program, run, chosen, MobHead(MOB2, "line", "g-1"), "G1")
    document = read_mob(data)
    assert [(panel.uuid, panel.offset) for panel in document.program.panels] == [("u1", 0.0), ("u2", 5060.0)]
    assert document.program.length == first.size[0] + 60.0 + second.size[0]
    alone = [plan_panel(panel, chosen).nail_count for panel in (first, second)]
    assert document.program.nail_count == sum(alone)
    gap = [x for row in document.program.operations if not isinstance(row, Routing) for x, _ in row.points]
    assert not any(first.size[0] < x < first.size[0] + 60.0 for x in gap)


def test_mill_directions_are_those_of_the_page() -> None:
    panel = build_house()[0]
    program = plan_panel(panel, BridgeSettings())
    turns = {}
    for layer in read_mob(write_mob(program, BridgeSettings())).program.layers:
        for path in layer.operations:
            if isinstance(path, Routing):
                ring = path.path.points()
                area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False))
                is_outer = max(p[0] for p in ring) == program.length
                turns[(layer.zone, "outside" if is_outer else "inside")] = "ccw" if area > 0 else "cw"
    assert turns == {(-1, "outside"): "ccw", (1, "outside"): "cw", (-1, "inside"): "cw", (1, "inside"): "ccw"}


def test_a_mirrored_layer_turns_the_mill_and_its_correction_with_it() -> None:
    panel = small_wall(window=rectangle(300.0, 900.0, 700.0, 800.0))
    straight, mirrored = BridgeSettings(), BridgeSettings(starting_side="outside", shift_mode="none")
    texts = [write_mob(plan_panel(panel, chosen), chosen).decode() for chosen in (straight, mirrored)]
    assert "PAF 2, 28, 201;" in texts[0]
    assert "PAF 2, 28, 101;" in texts[1]


def test_shift_rows_say_where_a_block_was() -> None:
    panel = small_wall()
    chosen = BridgeSettings(shift_mode="operations")
    text = write_mob(plan_panel(panel, chosen), chosen).decode()
    assert "TXT # shift 10 30;\r\nNRZ 0, 0, 1230, 0, 136.667, 135, 5;" in text


@pytest.mark.parametrize(("trim", "action"), [("trim", "trimmed"), ("skip", "skipped"), ("anyway", None)])
def test_work_beyond_the_machine_follows_the_trim_mode_and_is_logged(trim, action) -> None:
    panel = build_house()[0]
    chosen = BridgeSettings(trim=trim, max_size=(3000.0, 0.0, 0.0))
    program = plan_panel(panel, chosen)
    data = write_mob(program, chosen, MobHead(MOB2))
    verify_mob(data, program, placed(panel), chosen, MobHead(MOB2), "W01")
    document = read_mob(data)
    assert {one.action for one in document.program.trims} == ({action} if action else set())
    reach = max((x for one in document.program.operations for x, _ in _places(one)), default=0.0)
    assert (reach > 3000.0) == (trim == "anyway")
    whole = plan_panel(panel, BridgeSettings()).nail_count
    assert (document.program.nail_count == whole) == (trim == "anyway")
    if trim == "skip":
        assert [layer.zone for layer in document.program.layers] == [0]
    if trim == "trim":
        assert document.program.nail_count > 0


def _places(one):
    return one.path.points() if isinstance(one, Routing) else one.points


def test_a_panel_too_thick_for_the_machine_is_refused_where_it_cannot_be_trimmed() -> None:
    with pytest.raises(InputError, match=r"panel W01: it is 176 mm thick, the machine takes 150 mm \(max_z\)"):
        plan_panel(build_house()[0], BridgeSettings(trim="trim", max_size=(0.0, 0.0, 150.0)))


def test_the_work_of_each_carriage_lies_in_its_part_and_its_order_rises() -> None:
    panel = build_house()[0]
    chosen = BridgeSettings(carriages=3)
    document = read_mob(write_mob(plan_panel(panel, chosen), chosen, MobHead(MOB2)))
    parts: dict[int, list[float]] = {}
    for work, one in zip(document.work, document.program.operations, strict=True):
        xs = [x for x, _ in _places(one)]
        parts.setdefault(work.carriage, []).append((min(xs) + max(xs)) / 2)
    assert set(parts) == {1, 2, 3}
    assert max(parts[1]) < min(parts[3])
    assert [work.order for work in document.work] == list(range(1, len(document.work) + 1))


# -- refusals -----------------------------------------------------------------------------------------------------


def small_file(edition=MOB2) -> tuple[str, object]:
    chosen = BridgeSettings()
    program = plan_panel(small_wall(), chosen)
    return write_mob(program, chosen, MobHead(edition)).decode(), program


def sealed(text: str) -> bytes:
    """The text with an END row whose checksum holds."""
    body, _, end = text.rpartition("END ")
    counts = end.rpartition(", ")[0]
    return f"{body}END {counts}, {zlib.crc32(body.encode()):08X};\r\n".encode()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("MOB2 1.0", "MOB2 2.0", "begins with VERSION 3.00 or MOB2 1.0"),
        ("Layer 1, outside", "Layer 1, inside", "zone 1 lies outside, the row says inside"),
        ("ELM 1250", "ELX 1250", "belongs into a layer"),
        ("PLP ", "PLQ ", "the keyword is not known"),
        (", 2, 5, 2;", ", 2, 5, 1;", "the order 1 of carriage 2 does not rise"),
        (", 2, 5, 2;", ", 7, 5, 2;", "the machine has no carriage 7"),
        (", 2, 5, 2;", ", 5, 2;", "10 parameters were expected"),
        ("END 6", "END 7", "operations: the row says 7, the file has 6"),
    ],
)
def test_damaged_files_are_refused_with_the_place(before, after, message) -> None:
    text, _ = small_file()
    assert before in text
    with pytest.raises(FormatError, match=message):
        read_mob(sealed(text.replace(before, after)))


def test_a_cut_off_or_changed_file_is_found_by_its_end() -> None:
    text, _ = small_file()
    with pytest.raises(FormatError, match="the END row is missing"):
        read_mob(text[: text.rindex("END ")].encode())
    with pytest.raises(FormatError, match="has no End Layer"):
        read_mob(text[: text.rindex("End Layer")].encode())
    with pytest.raises(FormatError, match="END: checksum"):
        read_mob(text.replace("REIHE inside", "REIHE outside").encode())


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("REIHE inside", "REIHE outside", "MOB2-A 1.0, inside, walls was asked"),
        ("NRZ 0, 0, 1230, 0,", "NRZ 0, 1, 1230, 0,", "the row's start"),
        (", 2, 5, 2;", ", 2, 77, 2;", "tool 77 of NRZ 2 is in no tool table"),
    ],
)
def test_a_file_that_says_something_else_is_found(before, after, message) -> None:
    text, program = small_file()
    data = sealed(text.replace(before, after))
    with pytest.raises(VerificationError, match=message):
        verify_mob(data, program, placed(small_wall()), BridgeSettings(), MobHead(MOB2), "file")


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from([MOB1, MOB2]))
def test_a_file_with_damaged_lines_is_read_or_refused_in_words(data, edition) -> None:
    text, _ = small_file(edition)
    lines = text.split("\r\n")
    scrap = st.sampled_from(
        ["", "PP 1, 1;", "KB 1, 2, 3, Acw;", "PSF;", "End Layer;", "Layer 1, outside, 1, 2, 3;", "NRZ 0, 0, 0;", "x",
         "BTn 1, 1, 1, 1, 1, 1;", "TXT # shift " + "9" * 400 + " 0;", "ELM " + "9" * 400 + ", 1, 1;",
         "PP 1, 1, 1, 1, 1, ;"]
    )  # fmt: skip
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(1, len(lines) - 2))
        lines[place] = data.draw(scrap)
    damaged = "\r\n".join(lines)
    with contextlib.suppress(FormatError):
        assert read_mob(sealed(damaged) if "END " in damaged else damaged.encode()).edition == edition


def test_cuts_ellipses_and_notes_are_read() -> None:
    text = (
        "VERSION 3.00;\nTXT # hello;\nREIHE inside;\nELN A;\nELM 2000, 1000, 100, 1, 0, 0;\n"
        "Layer 0, center, 100, 0, 1;\nBR 0, 0, 0, 100, 45, 30, 23;\nEnd Layer;\n"
        "Layer -1, inside, 15, -15, 30;\nPLP 0, 0, 2000, 1000, 15, B;\n"
        "PAF 2, 28, 1;\nELL 500, 500, 200, 100, 15;\nEnd Layer;\n"
    )
    document = read_mob(text.encode())
    assert document.cuts == ((0.0, 0.0, 0.0, 100.0, 45.0, 30.0, 23.0),)
    assert document.notes == ("# hello",)
    (ellipse,) = document.program.operations
    xs = [x for x, _ in ellipse.path.points()]
    assert (min(xs), max(xs)) == pytest.approx((300.0, 700.0))


def test_show_and_check_know_both_files(tmp_path) -> None:
    for edition, ending in ((MOB1, "mob"), (MOB2, "mob2")):
        text, program = small_file(edition)
        path = tmp_path / f"W1.{ending}"
        path.write_bytes(text.encode())
        report = registry.read(path)
        assert (report.format, report.facts["schema"], report.problems) == ("mob", edition, ())
        assert report.facts["nails"] == program.nail_count
    stray = text.replace("PLP 0, 0, 1250,", "PLP 0, 0, 250,")
    path.write_bytes(sealed(stray))
    assert "goes through no board" in str(registry.check(path)[0])
