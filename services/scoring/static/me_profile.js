// What the TV may show of me: kept by the leaderboard, decided here.

import { ask, element, part } from "./parts.js";

const ADDRESS = "/leaderboard/v1/profile";
const LONGEST_NAME = 14;

function check(name, label, about, on) {
  const box = element("input", { type: "checkbox", id: `profile-${name}`, name, "aria-describedby": `about-${name}` });
  box.checked = on;
  return element("div", { class: "field" }, [
    element("label", { class: "check", for: `profile-${name}` }, [box, label]),
    element("p", { class: "about", id: `about-${name}` }, [about]),
  ]);
}

function nickname(found, name, words) {
  const box = element("input", { id: "profile-nickname", name: "nickname", maxlength: LONGEST_NAME, autocomplete: "off" });
  box.value = found.nickname ?? "";
  box.placeholder = name;
  return element("div", { class: "field" }, [
    element("label", { for: "profile-nickname" }, [words("profile.nickname")]),
    box,
  ]);
}

function avatars(found, words) {
  const choices = [null, ...found.avatars].map((name) => {
    const box = element("input", { type: "radio", name: "avatar", value: name ?? "", id: `avatar-${name ?? "none"}` });
    box.checked = (found.avatar ?? null) === name;
    const word = name === null ? words("profile.no_avatar") : words(`avatar.${name}`);
    return element("label", { class: "chip", for: box.id }, [box, word]);
  });
  return element("fieldset", {}, [
    element("legend", {}, [words("profile.avatar")]),
    element("div", { class: "chips" }, choices),
  ]);
}

export function profile(said, words) {
  const kept = element("p", { role: "status", class: "small" });

  function form(found) {
    const made = element("form", { class: "stack" }, [
      check("on_tv", words("profile.on_tv"), words("profile.on_tv.about"), found.on_tv ?? found.roster_on_tv),
      nickname(found, said.name, words),
      avatars(found, words),
      check("celebrate", words("profile.celebrate"), words("profile.celebrate.about"), found.celebrate),
      element("div", { class: "actions" }, [element("button", { class: "primary", "data-online": "" }, [words("profile.save")]), kept]),
    ]);
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      save(made);
    });
    made.addEventListener("input", () => {
      kept.textContent = "";
    });
    return made;
  }

  async function save(made) {
    const body = JSON.stringify({
      on_tv: made.elements.on_tv.checked,
      nickname: made.elements.nickname.value.trim() || null,
      avatar: made.elements.avatar.value || null,
      celebrate: made.elements.celebrate.checked,
    });
    kept.textContent = words("profile.saving");
    try {
      await ask(ADDRESS, {
        method: "PUT",
        body,
        headers: { Accept: "application/json", "Content-Type": "application/json" },
      });
      kept.textContent = words("profile.saved");
    } catch (error) {
      kept.textContent = words(error.status === 422 ? "profile.refused" : "profile.unsaved", { why: error.message });
    }
  }

  part("profile", [ADDRESS], {
    missing: () => words("profile.missing"),
    show: ([found]) => [
      ...(found.hidden ? [element("p", { class: "notice info small" }, [words("profile.hidden")])] : []),
      form(found),
    ],
  });
}
