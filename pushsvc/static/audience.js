// A slider that is dragged counts along: at most every 80 ms, one question at a time, the latest wins.
// Without this file the same form is sent by its button.
(function () {
  var form = document.querySelector('form[data-count]');
  if (!form || !window.fetch || !window.URLSearchParams) { return; }
  var PAUSE = 80, QUIET = 700;
  var busy = false, again = false, timer = 0, telling = 0;

  form.addEventListener('input', function (event) {
    pair(event.target);
    timer = timer || setTimeout(function () { timer = 0; ask(); }, PAUSE);
  });
  form.addEventListener('submit', function (event) {
    event.preventDefault();
    ask();
  });

  // A slider and the number beside it are one value; only the number is sent.
  function pair(changed) {
    if (changed.dataset.of) { document.getElementById(changed.dataset.of).value = changed.value; }
    form.querySelectorAll('.slide').forEach(function (slide) {
      if (slide.dataset.of === changed.id && changed.value !== '') {
        slide.max = Math.max(Number(slide.max), Number(changed.value));
        slide.min = Math.min(Number(slide.min), Number(changed.value));
        slide.value = changed.value;
      }
    });
  }

  function ask() {
    if (!form.checkValidity()) { return; }
    if (busy) { again = true; return; }
    busy = true;
    again = false;
    form.setAttribute('aria-busy', 'true');
    fetch(form.dataset.count, {
      method: 'POST', body: new URLSearchParams(new FormData(form)), credentials: 'same-origin',
      headers: { Accept: 'application/json' }
    }).then(function (answer) {
      var type = answer.headers.get('Content-Type') || '';
      if (answer.status === 429) { return fail(form.dataset.wait); }
      if (type.indexOf('json') < 0 || (!answer.ok && answer.status !== 422)) { return fail(form.dataset.failed); }
      return answer.json().then(answer.ok ? show : refuse);
    }).catch(function () { fail(form.dataset.failed); }).then(function () {
      busy = false;
      form.removeAttribute('aria-busy');
      if (again) { ask(); }
    });
  }

  function show(counted) {
    clear();
    document.querySelectorAll('[data-row]').forEach(function (row) {
      var fresh = counted.rows[row.dataset.row];
      if (!fresh) { return; }
      write(own(row, '[data-words]'), fresh.words);
      write(own(row, '[data-split]'), fresh.split || '');
    });
    ['figures', 'breakdown'].forEach(function (name) {
      var part = document.querySelector('[data-part="' + name + '"]');
      if (!part) { return form.submit(); }
      var open = [].map.call(part.querySelectorAll('details[open]'), function (one) { return one.dataset.keep; });
      write(part, counted[name]);
      part.querySelectorAll('details').forEach(function (one) { one.open = open.indexOf(one.dataset.keep) >= 0; });
    });
    document.querySelector('[data-tree]').value = counted.tree;
    document.querySelector('[data-tally]').textContent = counted.said;
    tell(counted.said);
  }

  function refuse(wrong) {
    clear();
    var rows = [].filter.call(form.querySelectorAll('[data-row]'), function (row) { return row.dataset.row === wrong.at; });
    if (rows.length) { write(own(rows[0], '[data-wrong]'), wrong.said); } else { fail(text(wrong.said)); }
    knobs().forEach(function (one) { if (one.name === 'v:' + wrong.place) { one.setAttribute('aria-invalid', 'true'); } });
    tell(text(wrong.said));
  }

  function fail(sentence) {
    var place = form.querySelector('[data-failure]');
    place.textContent = sentence;
    place.hidden = false;
  }

  function clear() {
    form.querySelector('[data-failure]').hidden = true;
    form.querySelectorAll('[data-wrong]').forEach(function (one) { one.textContent = ''; });
    knobs().forEach(function (one) { one.removeAttribute('aria-invalid'); });
  }

  function knobs() { return form.querySelectorAll('.knob [name]'); }

  // Said aloud once the slider rests, not at every step.
  function tell(sentence) {
    clearTimeout(telling);
    telling = setTimeout(function () { form.querySelector('[data-said]').textContent = sentence; }, QUIET);
  }

  // The row's own piece, not that of a row inside it: it comes first.
  function own(row, what) { return row.querySelector(what); }

  // Pieces come from our own templates, where every value is escaped.
  function write(place, html) { if (place && place.innerHTML !== html) { place.innerHTML = html; } }

  function text(html) {
    return new DOMParser().parseFromString(html, 'text/html').body.textContent.trim();
  }
})();
