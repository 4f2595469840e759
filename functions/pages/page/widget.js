// The button that opens the help page. Before it is pressed it asks for nothing and keeps nothing.
(() => {
  const script = document.currentScript;
  const base = new URL('.', script.src);
  const words = "{{words}}";
  const lang = script.dataset.lang || document.documentElement.lang || navigator.language;
  const [title, one, many] = words[lang.slice(0, 2).toLowerCase()] || words.en;
  const place = `helpdesk ${base}`;
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'closed' });
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483647; }
    button { min-height: 44px; padding: 0 16px; font: 16px system-ui; color: #fff; background: #0b57d0; border: 2px solid #fff; border-radius: 22px; cursor: pointer; }
    button:focus-visible { outline: 3px solid #0b57d0; }
    iframe { position: fixed; inset-block-end: 72px; inset-inline-end: 16px; width: 400px; height: min(640px, calc(100vh - 88px)); border: 1px solid #747d8a; border-radius: 8px; background: Canvas; }
    [hidden] { display: none; }
    @media (max-width: 480px) { iframe { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; } }`);
  root.adoptedStyleSheets = [style];
  const button = document.createElement('button');
  button.type = 'button';
  root.append(button);
  let frame, ready;

  const stored = value => {
    try {
      if (value === undefined) return sessionStorage.getItem(place);
      if (value) sessionStorage.setItem(place, value); else sessionStorage.removeItem(place);
    } catch {  }
    return null;
  };
  const tell = (helpdesk, value, more) => ready && frame.contentWindow.postMessage({ helpdesk, value, ...more }, base.origin);
  const label = n => { button.textContent = n ? `${title} (${n})` : title; button.ariaLabel = n ? `${title}, ${n === 1 ? one : many.replace('{}', n)}` : title; };
  const show = on => {
    if (!frame) {
      frame = document.createElement('iframe');
      frame.title = title;
      frame.allow = 'clipboard-write';
      frame.src = new URL(`help?lang=${encodeURIComponent(lang)}`, base);
      root.append(frame);
    }
    frame.hidden = !on;
    button.ariaExpanded = on;
    tell('open', on);
    (on ? frame : button).focus();
  };

  addEventListener('message', ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== base.origin || !data) return;
    if (data.helpdesk === 'ready') {
      ready = true;
      tell('hello', null, { kept: stored(), identity: script.dataset.identity });
      if (stored() === 'out') stored(null);
      if (!frame.hidden) show(true);
    }
    if (data.helpdesk === 'keep') stored(data.value);
    if (data.helpdesk === 'unread') label(data.value);
    if (data.helpdesk === 'close') show(false);
  });
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape' && frame) show(false); });
  button.onclick = () => show(!frame || frame.hidden);
  label(0);
  button.ariaExpanded = false;
  window.helpdesk = {
    open: () => show(true),
    signOut: () => { delete script.dataset.identity; stored('out'); tell('forget'); if (frame) show(false); },
  };
  (document.body || document.documentElement).append(host);
})();
