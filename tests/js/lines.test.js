import assert from "node:assert/strict";
import { test } from "node:test";
import { lineAt } from "../../static/js/lib/lines.js";

test("lineAt is the last line that has begun", () => {
  const starts = [500, 1000, 1000, 3000];
  const seen = [0, 499, 500, 999, 1000, 2999, 3000, 9999].map((at) => lineAt(starts, at));
  assert.deepEqual(seen, [-1, -1, 0, 0, 2, 2, 3, 3]);
});

test("lineAt of no lines is none", () => {
  assert.equal(lineAt([], 5), -1);
});
