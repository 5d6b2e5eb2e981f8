"""What the launcher says of a command that takes long: the last line that it wrote for people."""

from spm.embedded.logs import last_step


def test_the_last_step_is_what_was_written_for_people_since_the_start(tmp_path):
    log = tmp_path / "migrate.log"
    assert last_step(log) == "begins"
    log.write_text("--- 2026-01-01 10:00:00 start\n  Applying crm.0001_initial... OK\n--- 2026-01-02 10:00:00 start\n")
    assert last_step(log) == "begins"
    with log.open("a") as file:
        file.write('loading 7 files\n{"event": "request"}\n\n')
    assert last_step(log) == "loading 7 files"
    with log.open("a") as file:
        file.write(
            "".join(f'{{"event": "request", "number": {number:010}, "level": "info"}}\n' for number in range(1000))
        )
    assert last_step(log) == "still at it", "a record that is read from its middle on is no line for people"
