// Shows the steps of worked examples one at a time, and searches the index. Without script, and on paper, all are there.
"use strict";
for (const animation of document.querySelectorAll(".animation")) {
  const frames = [...animation.querySelectorAll(".frames > li")], slider = animation.querySelector("input");
  const play = animation.querySelector("[data-play]");
  let timer = null;
  const show = (number) => {
    slider.value = number;
    frames.forEach((frame, k) => { frame.hidden = k + 1 !== number; });
    animation.querySelector("output").textContent = `${number} of ${frames.length}`;
  };
  const by = (steps) => show(Math.min(Math.max(Number(slider.value) + steps, 1), frames.length));
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  const next = () => (Number(slider.value) < frames.length ? by(1) : stop());

  for (const button of animation.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => { stop(); by(Number(button.dataset.by)); });
  }
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === frames.length) show(1);
    play.textContent = "Stop";
    timer = setInterval(next, 1200);
  });
  animation.addEventListener("keydown", (event) => {
    if (event.target === slider) return;
    if (event.key === "ArrowRight") by(1);
    if (event.key === "ArrowLeft") by(-1);
  });
  animation.classList.add("stepped");
  if (frames.length > 1) animation.querySelector(".controls").hidden = false;
  show(1);
}

const search = document.getElementById("search");
if (search) {
  search.closest("p").hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const topic of document.querySelectorAll(".topic")) {
      topic.hidden = !words.every((word) => topic.dataset.words.includes(word));
      shown += !topic.hidden;
    }
    for (const chapter of document.querySelectorAll(".chapter")) {
      chapter.hidden = ![...chapter.querySelectorAll(".topic")].some((topic) => !topic.hidden);
    }
    document.getElementById("count").textContent = words.length ? `${shown} ${shown === 1 ? "topic" : "topics"}` : "";
  });
}
