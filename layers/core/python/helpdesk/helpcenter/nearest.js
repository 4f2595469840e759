"use strict";
const nearest=(entries,text,many=3)=>{
const typed=[...new Set((text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu,"").match(/[\p{L}\p{N}]+/gu)||[])
.map(word=>[...word]).filter(word=>word.length>1).map(word=>word.slice(0,5).join("")))].slice(0,40);
const last=typed.at(-1)||"",begun=[...last].length;
const value=sign=>{const n=sign.charCodeAt(0);return n<58?n-48:n<91?n-55:n-61};
const found=[];
for(const [slug,title,words] of entries){
let score=0,had=false,best=0;
for(const each of words.split(" ")){
const word=each.slice(0,-1),weight=value(each.slice(-1));
if(typed.includes(word))score+=weight;
if(word===last)had=true;
if(word.startsWith(last))best=Math.max(best,weight);
}
if(!had&&begun>2&&begun<5)score+=best;
if(score>11)found.push({slug,title,score});
}
return found.sort((a,b)=>b.score-a.score).slice(0,many);
};
