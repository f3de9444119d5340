/** Writes a speaker's name wherever the page shows it; used after a rename and after a merge. */

/**
 * Give every place that shows one of the speakers `ids` the name and colours of speaker `id`.
 * Costs as much as the page shows, not as much as the conversation holds.
 * @param {ParentNode} page
 * @param {{ids: number[], id: number, name: string, initials: string, tone: number, shape: number}} speaker
 */
export function relabel(page, speaker) {
  for (const pk of speaker.ids) {
    for (const name of page.querySelectorAll(`[data-name-of="${pk}"]`)) {
      name.textContent = speaker.name;
      name.dataset.nameOf = speaker.id;
    }
    for (const avatar of page.querySelectorAll(`[data-avatar-of="${pk}"]`)) {
      avatar.textContent = speaker.initials;
      avatar.className = `avatar shape-${speaker.shape} tone-${speaker.tone}`;
      avatar.dataset.avatarOf = speaker.id;
    }
    for (const turn of page.querySelectorAll(`.turn[data-speaker="${pk}"]`)) {
      turn.className = `turn tone-${speaker.tone}`;
      turn.dataset.speaker = speaker.id;
    }
    for (const stripe of page.querySelectorAll(`[data-stripe-of="${pk}"]`)) {
      stripe.setAttribute("class", `tone-${speaker.tone}`);
      stripe.dataset.stripeOf = speaker.id;
    }
  }
}
