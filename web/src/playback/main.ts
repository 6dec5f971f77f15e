import { mount } from 'svelte';

import '../shared/base.css';
import '../shared/lectern';
import '../shared/theme.svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
