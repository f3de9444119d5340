/**
 * <conversation-player>: plays the recordings of a conversation as one. The recordings are told
 * by a <player-tracks> that comes with the timeline and may come again when there are more; the
 * sound goes on meanwhile. Sends `position` (milliseconds) to the document while it plays.
 */
import { announce } from "../lib/announce.js";
import { clock } from "../lib/clock.js";
import { covers, isOver, locate, positionOf } from "../lib/tracks.js";

class ConversationPlayer extends HTMLElement {
  connectedCallback() {
    this.tracks = null;
    this.wanted = null;
    this.total = 0;
    this.index = -1;
    this.sound = this.querySelector("[data-sound]");
    this.seek = this.querySelector("[data-seek]");
    this.addEventListener("tracks-known", (event) => this.know(event.detail));
    this.addEventListener("click", (event) => this.press(event));
    this.seek.addEventListener("input", () => this.goTo(Number(this.seek.value)));
    this.querySelector("[data-speed]").addEventListener("change", () => this.setSpeed());
    for (const name of ["play", "pause"]) {
      this.sound.addEventListener(name, () => this.showPlaying());
    }
    this.sound.addEventListener("timeupdate", () => this.goOn());
    this.sound.addEventListener("ended", () => this.playNext());
    this.sound.addEventListener("error", () => this.showProblem(true));
    document.addEventListener("play-from", (event) => this.playFrom(event.detail.position));
  }

  /** The position on the conversation's axis, in milliseconds. */
  get position() {
    const track = this.tracks?.[this.index];
    return track ? positionOf(track, this.sound.currentTime) : 0;
  }

  know({ tracks, total }) {
    const playing = this.tracks?.[this.index]?.src;
    this.tracks = tracks;
    this.total = total;
    this.index = tracks.findIndex((track) => track.src === playing);
    this.seek.max = String(total);
    this.querySelector("[data-total]").textContent = clock(total);
    this.closest(".player").classList.toggle("is-empty", tracks.length === 0);
    const opening = locate(tracks, 0);
    if (this.index < 0 && opening) this.load(opening.index, opening.seconds);
    const { wanted } = this;
    this.wanted = null;
    if (wanted !== null) this.playFrom(wanted);
  }

  press(event) {
    const skip = event.target.closest("[data-skip]");
    if (skip) this.goTo(this.position + Number(skip.dataset.skip));
    if (event.target.closest("[data-toggle]")) {
      if (this.sound.paused) this.play();
      else this.sound.pause();
    }
  }

  /** Plays from a position; asked before the tracks are known, as soon as they are. */
  playFrom(position) {
    if (this.tracks === null) {
      this.wanted = position;
    } else if (covers(this.tracks, position)) {
      this.goTo(position);
      this.play();
    } else {
      this.sound.pause();
      document.dispatchEvent(new CustomEvent("position", { detail: { position } }));
      announce("There is no recording of this passage here to listen to.");
    }
  }

  goTo(position) {
    const place = locate(this.tracks ?? [], Math.min(Math.max(position, 0), this.total || Infinity));
    if (place === null) return;
    if (place.index === this.index) {
      this.sound.currentTime = place.seconds;
      this.showPosition();
      return;
    }
    const wasPlaying = !this.sound.paused;
    this.load(place.index, place.seconds);
    if (wasPlaying) this.play();
  }

  load(index, seconds) {
    this.index = index;
    this.showProblem(false);
    this.sound.src = this.tracks[index].src;
    this.sound.currentTime = seconds;
    this.setSpeed();
  }

  play() {
    this.sound.play().catch((error) => {
      // Another click may have taken the sound away before it began; that is no problem.
      if (error.name !== "AbortError") this.showProblem(true);
    });
  }

  /** Shows the position, or leaves a file that is longer than its part of the conversation. */
  goOn() {
    const isLast = this.index + 1 >= this.tracks.length;
    if (isLast || this.sound.paused || !isOver(this.tracks[this.index], this.position)) {
      this.showPosition();
    } else {
      this.playNext();
    }
  }

  playNext() {
    if (this.index + 1 >= this.tracks.length) return;
    this.load(this.index + 1, 0);
    this.play();
  }

  setSpeed() {
    const speed = Number(this.querySelector("[data-speed]").value);
    this.sound.defaultPlaybackRate = speed;
    this.sound.playbackRate = speed;
  }

  showPlaying() {
    const { paused } = this.sound;
    const button = this.querySelector("[data-toggle]");
    button.title = paused ? "Play" : "Pause";
    button.setAttribute("aria-label", button.title);
    button.querySelector("[data-icon=play]").hidden = !paused;
    button.querySelector("[data-icon=pause]").hidden = paused;
  }

  showPosition() {
    const { position } = this;
    this.seek.value = String(position);
    this.seek.setAttribute("aria-valuetext", `${clock(position)} of ${clock(this.total)}`);
    this.querySelector("[data-now]").textContent = clock(position);
    const share = this.total ? Math.min(position / this.total, 1) : 0;
    this.querySelector("[data-playhead]").style.insetInlineStart = `${share * 100}%`;
    document.dispatchEvent(new CustomEvent("position", { detail: { position } }));
  }

  showProblem(there) {
    this.querySelector("[data-problem]").hidden = !there;
    const track = this.tracks?.[this.index];
    if (!track) return;
    const link = this.querySelector("[data-problem-download]");
    link.href = track.src;
    link.download = track.name;
  }
}

class PlayerTracks extends HTMLElement {
  connectedCallback() {
    const tracks = [...this.querySelectorAll("data")].map((track) => ({
      src: track.value,
      name: track.dataset.name,
      start: Number(track.dataset.start),
      end: track.dataset.end ? Number(track.dataset.end) : null,
    }));
    const detail = { tracks, total: Number(this.dataset.total) };
    this.dispatchEvent(new CustomEvent("tracks-known", { bubbles: true, detail }));
  }
}

customElements.define("conversation-player", ConversationPlayer);
customElements.define("player-tracks", PlayerTracks);
