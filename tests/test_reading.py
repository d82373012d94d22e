"""The tables of what was recorded in real time: they say what is missing, met and not met."""

import copy
import json

import pytest
import reading
import status

RECORD = {
    "about": {"date": "2000-01-01", "device": "a machine"},
    "aims": {
        "fps_p50": 50,
        "fps_p95": 30,
        "beyond_tracker_ms": 3,
        "character_error_rate": 0.05,
        "false_letters_a_minute": 1,
    },
    "latency": {
        "size": [640, 480],
        "frames": 10,
        "total_ms": {"p50": 12.0, "p95": 20.0},
        "tracker_ms": {"p50": 10.0, "p95": 16.0},
        "beyond_tracker_ms": {"p50": 2.0, "p95": 2.9},
        "tracker_share": 0.84,
        "fps_p50": 83.3,
        "fps_p95": 50.0,
        "usual_way": {
            "predict_ms": {"p50": 70.0, "p95": 90.0},
            "times_slower": 6.7,
            "times_slower_beyond_tracker": 35.0,
        },
    },
    "words": {
        "words": 50,
        "smoothing": {
            "steady": {
                "character_error_rate": 0.04,
                "interval": [0.02, 0.07],
                "words_right": 41,
                "changed_most": [["R as U", 4], ["M as N", 2], ["T as A", 1], ["C as O", 1]],
            },
            "majority": {"character_error_rate": 0.09, "interval": [0.06, 0.1], "words_right": 30},
        },
        "random_letters": {
            "smoothing": {
                "steady": {"character_error_rate": 0.07},
                "majority": {"character_error_rate": 0.11},
            }
        },
    },
    "idle": {
        "rest": {"steady": 0.0, "majority": 2.0},
        "wave": {"steady": 3.0, "majority": 4.0},
        "nobody": {"steady": 0.0, "majority": 0.0},
        "all": {"steady": 1.0, "majority": 2.0},
    },
    "conditions": {
        "turned, degrees": [
            {"value": 0, "n": 48, "found": 1.0, "signers_own": 1.0, "right": 0.9},
            {"value": 60, "n": 48, "found": 1.0, "signers_own": 0.9, "right": 0.5},
            {"value": 180, "n": 48, "found": 0.9, "signers_own": 0.8, "right": 0.1},
        ]
    },
    "hour": {
        "frames": 36_000,
        "growth_mb_an_hour": 0.4,
        "letters": 2_000,
        "letters_in_journal": 2_000,
        "letters_a_round": [6],
    },
}


def row(lines, start):
    """Return the cells of the one row that begins so."""
    (found,) = [line for line in lines if line.startswith(f"| {start}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_what_is_reached_stands_beside_its_aim():
    lines = reading.aims(RECORD)
    assert row(lines, "Frames a second")[1:] == [
        "at least 50 / 30",
        "83 / 50 (12.0 / 20.0 ms)",
        "yes",
    ]
    assert row(lines, "Of it the tracker")[2] == "84% (10.0 / 16.0 ms)"
    assert row(lines, "Of it the course's own")[1:] == ["at most 3 ms", "2.0 / 2.9 ms", "yes"]
    assert row(lines, "By `model.predict`")[2] == "6.7 times as long; without the tracker, 35 times"
    wrong = "Letters wrong,"
    assert row(lines, f"{wrong} `steady`")[2] == "4.0% (2.0% to 7.0%); 41 of 50 words whole"
    assert [row(lines, f"{wrong} `{name}`")[3] for name in ("steady", "majority")] == [
        "yes",
        "not yet",
    ]
    random_letters = row(lines, "Letters wrong in strings of random letters")
    assert random_letters[1:] == ["", "`steady` 7.0%, `majority` 11.0%", ""]
    idle = "False letters a minute,"
    assert row(lines, f"{idle} `steady`")[2:] == [
        "1.0 (at rest 0.0, waving 3.0, no hand 0.0)",
        "yes",
    ]
    assert row(lines, f"{idle} `majority`")[3] == "not yet"
    assert row(lines, "One hour of frames: memory")[2:] == ["+0.4 MB", "yes"]
    assert row(lines, "One hour of frames: letters")[3] == "yes"
    assert "Most often changed by `steady`: R as U (4), M as N (2), T as A (1)." in lines


@pytest.mark.parametrize(
    ("part", "key", "value", "start"),
    [
        ("latency", "fps_p95", 29.0, "Frames a second"),
        ("latency", "beyond_tracker_ms", {"p50": 2.0, "p95": 3.1}, "Of it the course's own"),
        ("hour", "growth_mb_an_hour", 40.0, "One hour of frames: memory"),
        ("hour", "letters_in_journal", 1_999, "One hour of frames: letters"),
        ("hour", "letters_a_round", [5, 6], "One hour of frames: letters"),
    ],
)
def test_an_aim_that_is_missed_is_not_met(part, key, value, start):
    record = copy.deepcopy(RECORD)
    record[part][key] = value
    assert row(reading.aims(record), start)[3] == "not yet"


def test_a_part_that_nobody_measured_is_named():
    bare = {"about": RECORD["about"], "aims": RECORD["aims"]}
    whole = reading.aims(RECORD)
    for part, rows in {"latency": 4, "words": 1, "idle": 1, "hour": 2}.items():
        record = {name: value for name, value in RECORD.items() if name != part}
        missing = [line for line in reading.aims(record) if reading.MISSING in line]
        assert len(missing) == rows
        assert all(line.endswith("|  |") for line in missing), "nothing is met that is not measured"
    # Two ways of smoothing are one row; there are no random letters and no mistakes.
    assert len(reading.aims(bare)) == len(whole) - 4
    assert reading.frame_rows(bare) is None
    assert reading.MISSING in "\n".join(reading.one_frame(bare))
    assert sum(reading.MISSING in line for line in reading.conditions(bare, {})) == 4
    assert sum(reading.MISSING in line for line in reading.movements({})) == 6


def test_of_each_condition_the_best_and_the_worst_are_shown():
    stills = {
        "tones": [
            {"n": 120, "coverage": 0.97, "accuracy": 0.91},
            {"n": 120, "coverage": 0.89, "accuracy": 0.76},
        ],
        "sides": {side: {"n": 60, "coverage": 0.95, "accuracy": 0.8} for side in ("right", "left")},
    }
    lines = reading.conditions(RECORD, stills)
    assert row(lines, "darkest skin tone of ten") == [
        "darkest skin tone of ten",
        "120",
        "89%",
        "76%",
    ]
    assert row(lines, "left hand")[3] == "80%"
    turned = [line for line in lines if "degrees" in line]
    assert turned == [
        "| turned, degrees: 0 | 48 | 100% | 90% |",
        "| turned, degrees: 180 | 48 | 80% | 10% |",
    ]


def test_movements_name_the_pace_that_a_filmed_set_is_taken_to_have():
    def one(mean):
        return {"mean": mean, "sd": None}

    filmed = {
        fps: {
            "z_found": one(z / 2),
            "z_whole_found_staying": one(z),
            "j_said": one(0.0),
            "others_said": one(0.01),
        }
        for fps, z in (("10", 0.1), ("15", 0.4), ("30", 0.0))
    }
    lines = reading.movements(
        {"filmed": filmed, "false": {"rest": {"a_minute": one(0.2)}, "slide": {"a_minute": one(2)}}}
    )
    assert row(lines, "Filmed Z, whole: found, as 15")[1] == "40.0%"
    assert row(lines, "Filmed Z, whole: found, as 30")[1] == "0.0%"
    assert row(lines, "Filmed Z, every clip as it is: found, as 15")[1] == "20.0%"
    assert row(lines, "Letters in a minute without a stroke")[1] == "2.0 (`slide`)"


def test_the_figure_says_in_words_what_it_shows():
    text = "\n".join(reading.one_frame(RECORD))
    alt = text.split(":alt: ")[1].split("\n")[0]
    assert all(number in alt for number in ("10.0", "2.0", "70.0"))
    assert "within 12.0 ms and 95 of 100 within 20.0 ms" in text and "6.7 times" in text


def test_the_status_page_has_every_record_and_survives_a_part_of_one(tmp_path, monkeypatch):
    monkeypatch.setattr(status, "RESULTS", tmp_path)
    assert status.recorded() == ""
    about = {"date": "2000-01-01", "device": "a machine", "versions": {"keras": "3"}}
    part = {"about": about, "aims": RECORD["aims"], "latency": RECORD["latency"]}
    (tmp_path / "realtime.json").write_text(json.dumps(part))
    (tmp_path / "motion.json").write_text(json.dumps({"about": about}))
    text = status.recorded()
    for title in ("Reading in real time", "What fails, and for whom", "Letters that move"):
        assert f"## {title}\n" in text
    assert "83 / 50" in text and text.count(reading.MISSING) > 5
    assert text.count("Recorded 2000-01-01 on a machine; keras 3.") == 3
