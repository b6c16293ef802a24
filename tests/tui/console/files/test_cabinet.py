"""Where a console keeps its own files."""

from __future__ import annotations

from pathlib import Path

from tui.console.files.cabinet import HomeCabinet
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.console.session.session import Session, Terminal


def test_a_screen_is_written_under_a_safe_name(tmp_path: Path) -> None:
    session = Session(Settings(), Keymap(), Terminal({}))
    session.journey = session.journey.go("host", "../../etc/x y")
    cabinet = HomeCabinet(tmp_path / "settings.yaml", tmp_path, lambda: 0.0)
    said = cabinet.export(session)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2 and all("/" not in name and " " not in name for name in names)
    assert said.endswith(f"in {tmp_path}") and names[0].startswith("twinwatch-host-.._.._etc_x_y-")
    cabinet.save("theme", "light")
    assert "light" in (tmp_path / "settings.yaml").read_text()
