import assert from "node:assert/strict";
import { test } from "node:test";
import { fileProblem, sendingWords, sizeWords, togetherProblem } from "../../static/js/lib/files.js";

const MB = 1024 * 1024;

test("sizeWords picks the unit", () => {
  const seen = [0, 1, 512, 2048, 12.4 * MB, 2048 * MB].map(sizeWords);
  assert.deepEqual(seen, ["0 bytes", "1 byte", "512 bytes", "2 KB", "12.4 MB", "2.0 GB"]);
});

test("fileProblem refuses empty and too large files", () => {
  const seen = [0, 10 * MB, 10 * MB + 1].map((size) => fileProblem({ size }, 10 * MB));
  assert.deepEqual(seen, [
    "This file is empty: 0 bytes. Choose the recording again.",
    "",
    "This file is larger than 10.0 MB, the limit here.",
  ]);
});

test("togetherProblem counts only several files", () => {
  const one = [{ size: 20 * MB }];
  const two = [{ size: 6 * MB }, { size: 6 * MB }];
  assert.deepEqual(
    [togetherProblem(one, 10 * MB), togetherProblem(two, 12 * MB), togetherProblem(two, 10 * MB)],
    ["", "", "Together these are 12.0 MB; 10.0 MB can be sent at once."],
  );
});

test("sendingWords never claims the end before it", () => {
  const seen = [
    sendingWords(3 * MB, 0),
    sendingWords(999, 1000),
    sendingWords(5 * MB, 10 * MB),
    sendingWords(10 * MB, 10 * MB),
  ];
  assert.deepEqual(seen, [
    "Sending, 3.0 MB so far",
    "Sending, 99 %: 999 bytes of 1000 bytes",
    "Sending, 50 %: 5.0 MB of 10.0 MB",
    "Sent. The server is checking the recording",
  ]);
});
