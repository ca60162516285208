"""How answers change the pace."""

from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching.pace import Answer, Pace, after

answers = st.builds(
    Answer,
    latency=st.floats(0, 60),
    status=st.sampled_from([200, 304, 404, 429, 500, 503]),
    retry_after=st.none() | st.floats(0, 1e9),
)


def paced(*answers, spacing=1.0):
    pace = Pace()
    for answer in answers:
        pace, _ = after(pace, answer, spacing)
    return pace


def test_a_quick_server_is_asked_as_often_as_allowed_and_a_slow_one_as_often_as_it_answers():
    assert paced(Answer(latency=0.2, status=200)).spacing(1.0) == 1.0
    assert paced(*[Answer(latency=5.0, status=200)] * 9).spacing(1.0) == 5.0
    assert paced(Answer(latency=500.0, status=200)).spacing(1.0) == 30.0


def test_complaints_slow_down_more_each_time_and_good_answers_mend():
    complaint, good = Answer(latency=0.1, status=429), Answer(latency=0.1, status=200)
    spacings = [paced(*[complaint] * n).spacing(1.0) for n in range(1, 12)]
    assert spacings == sorted(spacings)
    assert spacings[0] >= 2.0
    assert spacings[-1] == 300.0
    assert paced(complaint).concurrency(2) == 1
    assert paced(complaint, *[good] * 20).spacing(1.0) == 1.0
    assert paced(complaint, *[good] * 20).concurrency(2) == 2


def test_retry_after_is_kept_to_and_without_it_each_complaint_blocks_for_longer():
    _, asked = after(Pace(), Answer(latency=0.1, status=503, retry_after=7.0), 1.0)
    assert asked == 7.0
    pace, blocks = Pace(), []
    for _ in range(8):
        pace, blocked = after(pace, Answer(latency=0.1, status=429), 1.0)
        blocks.append(blocked)
    assert blocks[:4] == [30.0, 60.0, 120.0, 240.0]
    assert blocks[-1] == 900.0


@given(st.lists(answers), st.floats(0, 120))
def test_no_history_makes_it_ask_sooner_than_allowed_or_never_again(history, spacing):
    pace = Pace()
    for answer in history:
        pace, blocked = after(pace, answer, spacing)
        assert 0 <= blocked <= 86_400
        assert (blocked > 0) <= answer.throttled
        assert spacing <= pace.spacing(spacing) <= max(spacing, 300.0)
        assert 1 <= pace.concurrency(2) <= 2
