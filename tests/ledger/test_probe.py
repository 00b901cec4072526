import time
from tests.processes import witness
from tests.processes.poll import poll

def test_probe(cast, worker, house):
    t=time.monotonic()
    house.open()
    print("open", time.monotonic()-t); t=time.monotonic()
    w = house.worker()
    print("worker", time.monotonic()-t); t=time.monotonic()
    s = cast.schedule("X", hours=30)
    poll(lambda: witness.count("state='sent'") == 3, "sent")
    print("sent", time.monotonic()-t); t=time.monotonic()
    print(witness.ledger()); print(witness.journal_counts()); print(house.health())
    print("stop", w.stop())
    print(w.words()[-3000:])
