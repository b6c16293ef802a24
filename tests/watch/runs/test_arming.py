from itertools import count

from watch.runs.arming import ARMED_MS, READ_ONLY, Arming


def arming():
    numbers = count(1)
    return Arming(lambda: f"word-{next(numbers)}")


def test_nobody_is_armed_before_they_ask():
    assert arming().against("kfwong", "", 0) == READ_ONLY
    assert arming().against("", "", 0) == READ_ONLY


def test_a_word_arms_its_person_alone_and_for_ten_minutes():
    arms = arming()
    armed = arms.arm("kfwong", 1_000)
    assert armed.until == 1_000 + ARMED_MS
    assert arms.against("kfwong", armed.word, 1_000) == ""
    assert arms.against("kfwong", armed.word, armed.until - 1) == ""
    assert arms.against("mchan", armed.word, 1_000) == READ_ONLY
    assert arms.against("kfwong", armed.word, armed.until) == READ_ONLY


def test_a_console_disarms_itself_and_no_other():
    arms = arming()
    mine, other = arms.arm("kfwong", 0), arms.arm("kfwong", 0)
    arms.disarm(mine.word)
    assert arms.against("kfwong", mine.word, 1) == READ_ONLY
    assert arms.against("kfwong", other.word, 1) == ""
