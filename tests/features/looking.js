(options => {
  // What a page must not have, found in its document: it scrolls sideways, targets that are too small, text that is, inline style.
  const found = [];
  const name = el => {
    const path = [];
    for (let one = el; one && one !== document.body && path.length < 4; one = one.parentElement) {
      path.unshift(one.tagName.toLowerCase() + (one.id ? '#' + one.id : '') + [...one.classList].map(c => '.' + c).join(''));
    }
    return path.join(' > ') + ' “' + (el.innerText || el.value || '').trim().slice(0, 24) + '”';
  };
  const seen = el => {
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0 && getComputedStyle(el).visibility === 'visible'
      && !el.closest('.vh') && (!el.checkVisibility || el.checkVisibility());
  };
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.body.querySelectorAll('*')].filter(el => {
      if (!seen(el) || el.getBoundingClientRect().right <= root.clientWidth + 1) { return false; }
      for (let one = el.parentElement; one; one = one.parentElement) {
        if (/auto|scroll|hidden/.test(getComputedStyle(one).overflowX)) { return false; }
      }
      return true;
    });
    found.push('sideways by ' + (root.scrollWidth - root.clientWidth) + ' px: ' + wide.slice(0, 3).map(name).join(' | '));
  }
  // A target is what a finger meets: the label around a box, else the control itself. Links within a sentence are free.
  for (const el of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    const label = el.matches('[type=checkbox], [type=radio], [type=file]') ? el.closest('label') || (el.labels || [])[0] : null;
    const target = label || el;
    if (!seen(target) || (target === el && getComputedStyle(el).display === 'inline')) { continue; }
    const box = target.getBoundingClientRect();
    if (Math.min(box.width, box.height) < options.target - 0.5) {
      found.push('target ' + Math.round(box.width) + ' × ' + Math.round(box.height) + ': ' + name(target));
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || small.has(el) || !seen(el)) { continue; }
    const size = parseFloat(getComputedStyle(el).fontSize);
    if (size < options.text - 0.05) { small.add(el); found.push('text of ' + size + ' px: ' + name(el)); }
  }
  for (const el of document.querySelectorAll('[style], style')) { found.push('inline style: ' + name(el)); }
  if (document.querySelectorAll('h1').length !== 1) { found.push(document.querySelectorAll('h1').length + ' h1'); }
  return found;
})
