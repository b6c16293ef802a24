import pytest

from tui.paint.paths import named_first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "/etc/twinwatch/estate.yaml:6: no key 'hosst' — did you mean 'hosts'?",
            "estate.yaml:6: no key 'hosst' — did you mean 'hosts'? · in /etc/twinwatch",
        ),
        ("/home/a b/x.yaml:6: no", "x.yaml:6: no · in /home/a b"),
        (
            "can't be read — /a/b.yaml — no such file",
            "can't be read — b.yaml — no such file · in /a",
        ),
        ("/a/b.yaml and /a/c.db, '/d/e.db'", "b.yaml and c.db, 'e.db' · in /a, /d"),
        ("no space left on /var/lib/twinwatch", "no space left on /var/lib/twinwatch"),
        ("line 3", "line 3"),
        ("https://example.org/a/b.html", "https://example.org/a/b.html"),
    ],
)
def test_directories_stand_last(text, said):
    assert named_first(text) == said
