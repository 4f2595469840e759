"use strict";
const key=document.createElement("input");
key.type="hidden";
key.name="key";
key.value=[...crypto.getRandomValues(new Uint8Array(16))].map(byte=>byte.toString(16).padStart(2,"0")).join("");
document.forms.answered.append(key);
