import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, elapsedWords } from "../../static/js/lib/clock.js";

test("clock writes positions as the server does", () => {
  const seen = [0, 7_999, 247_000, 3_600_000, 3_847_000].map(clock);
  assert.deepEqual(seen, ["0:00", "0:07", "4:07", "1:00:00", "1:04:07"]);
});

test("elapsedWords says durations as the server does", () => {
  const seen = [0, 59, 60, 125, 754, 3_600, 3_900, 86_400, 200_000].map(elapsedWords);
  assert.deepEqual(seen, [
    "0 s", "59 s", "1 min", "2 min 5 s", "12 min", "1 h", "1 h 5 min", "1 day", "2 days",
  ]);
});
