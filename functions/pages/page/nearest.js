// What is typed stays on this machine until it is sent: it is compared with an index of the articles.
function nearest(entries, text) {
  const read = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '').match(/[\p{L}\p{N}]+/gu) || [];
  const long = read.map(word => [...word]).filter(word => word[1]);
  const typed = [...new Set(long.map(word => word.slice(0, 5).join('')))].slice(0, 40);
  const last = typed.at(-1), begun = /^.{3,4}$/u.test(last || '');
  return entries.map(([slug, title, words]) => {
    let score = 0, best = 0;
    for (const each of words.split(' ')) {
      const word = each.slice(0, -1), weight = parseInt(each.at(-1), 36);
      if (begun && word.startsWith(last)) best = Math.max(best, weight);
      if (typed.includes(word) && !(begun && word === last)) score += weight;
    }
    return [slug, title, score + best];
  }).filter(each => each[2] > 5).sort((one, other) => other[2] - one[2]).slice(0, 3);
}

// The page has el, base, language, make and talk, and loads this when a customer begins to type.
{
  const list = make('ul');
  const nav = make('nav', '', { hidden: true, ariaLive: 'polite' });
  el.text.after(nav);
  let typing;
  const index = fetch(`${base}help/articles.json?lang=${language}`).then(got => got.json());
  const suggest = async () => {
    const [said, entries] = await index;
    const found = talk ? [] : nearest(entries, el.text.value);
    nav.hidden = !found.length;
    if (list.textContent === found.map(([, title]) => title).join('')) return;
    nav.replaceChildren(make('span', said), list);
    list.replaceChildren(...found.map(([slug, title]) => {
      const item = make('li');
      item.append(make('a', title, { href: `${base}help/articles/${slug}?lang=${language}`, target: '_blank' }));
      return item;
    }));
  };
  const later = () => {
    clearTimeout(typing);
    typing = setTimeout(suggest, 300);
  };
  el.text.oninput = later;
  el.form.addEventListener('submit', later);
  later();
}
