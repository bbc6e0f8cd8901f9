// Says how many characters are left in a text box. The page works without it: the limit is also in the hint, and
// the server counts again.
(function () {
  "use strict";
  document.querySelectorAll("textarea[data-limit]").forEach(function (box) {
    var limit = Number(box.dataset.limit);
    var words = document.getElementById(box.dataset.limitWords);
    if (!limit || !words) {
      return;
    }
    var spoken = document.createElement("p");
    spoken.className = "govuk-visually-hidden";
    spoken.setAttribute("aria-live", "polite");
    words.after(spoken);
    words.setAttribute("aria-hidden", "true");
    var timer;
    function count() {
      var left = limit - Array.from(box.value.replace(/\r\n/g, "\n")).length;
      var one = Math.abs(left) === 1;
      var data = box.dataset;
      var sentence = left < 0 ? (one ? data.overOne : data.over) : (one ? data.leftOne : data.left);
      var text = sentence.replace("{n}", Math.abs(left).toLocaleString("en-GB"));
      words.textContent = text;
      words.classList.toggle("govuk-error-message", left < 0);
      words.classList.toggle("govuk-hint", left >= 0);
      clearTimeout(timer);
      timer = setTimeout(function () {
        spoken.textContent = text;
      }, 1000);
    }
    box.addEventListener("input", count);
    count();
  });
})();
