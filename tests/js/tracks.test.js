import assert from "node:assert/strict";
import { test } from "node:test";
import { covers, isOver, locate, positionOf } from "../../static/js/lib/tracks.js";

const TRACKS = [
  { src: "/a", start: 0, end: 10_000 },
  { src: "/b", start: 12_000, end: null },
  { src: "/c", start: 20_000, end: 25_000 },
];

test("locate finds the track and the place in it", () => {
  const seen = [0, 9_999, 13_500, 19_999, 20_000].map((position) => locate(TRACKS, position));
  assert.deepEqual(seen, [
    { index: 0, seconds: 0 },
    { index: 0, seconds: 9.999 },
    { index: 1, seconds: 1.5 },
    { index: 1, seconds: 7.999 },
    { index: 2, seconds: 0 },
  ]);
});

test("locate gives a gap to the track after it", () => {
  assert.deepEqual(locate(TRACKS, 11_000), { index: 1, seconds: 0 });
});

test("locate stays at the end behind the end", () => {
  assert.deepEqual(locate(TRACKS, 99_000), { index: 2, seconds: 5 });
});

test("locate knows that there may be nothing to play", () => {
  assert.equal(locate([], 0), null);
});

test("locate lets the next track begin, however long the file before it is", () => {
  const tracks = [
    { src: "/a", start: 0, end: 142_000 },
    { src: "/b", start: 71_000, end: 90_000 },
  ];
  const seen = [70_999, 71_000, 80_000].map((position) => locate(tracks, position));
  assert.deepEqual(seen, [
    { index: 0, seconds: 70.999 },
    { index: 1, seconds: 0 },
    { index: 1, seconds: 9 },
  ]);
});

test("locate opens with what can be heard first", () => {
  const tracks = [
    { src: "/silent", start: 0, end: 0 },
    { src: "/a", start: 0, end: null },
  ];
  assert.deepEqual(locate(tracks, 0), { index: 1, seconds: 0 });
});

test("isOver knows the end of a track, if it is known", () => {
  const seen = [9_999, 10_000].map((position) => isOver(TRACKS[0], position));
  assert.deepEqual([...seen, isOver(TRACKS[1], 99_000)], [false, true, false]);
});

test("positionOf is the way back", () => {
  assert.equal(positionOf(TRACKS[1], 1.5), 13_500);
});

test("covers says where something can be heard", () => {
  const seen = [0, 9_999, 10_000, 11_999, 12_000, 24_999].map((at) => covers(TRACKS, at));
  assert.deepEqual(seen, [true, true, false, false, true, true]);
  assert.equal(covers([], 0), false);
});
