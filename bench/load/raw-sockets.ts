import { App } from 'uWebSockets.js';
import { listen } from './fanout-peers.ts';

/** uWebSockets.js alone, in a process of its own: greets, and joins a topic when it is asked. */
const app = App();
app.ws('/ws', {
  open: (ws) => {
    ws.send('hello');
  },
  message: (ws) => {
    ws.subscribe('topic');
    ws.send('subscribed');
  },
});
const { port } = await listen(app);
process.send?.({ port });
process.once('disconnect', () => process.exit(0));
