import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import './tokens.css';
import './base.css';
import { App } from './app.tsx';
import { ToastProvider } from './components/toast.tsx';
import { TooltipProvider } from './components/tooltip.tsx';
import { applyAppearance } from './state/appearance.ts';
import { LegworkProvider } from './state/legwork-context.tsx';
import { OfferInbox } from './state/offer-inbox.ts';
import { createQueryClient, followEvents } from './state/reads.ts';
import { navigate } from './state/route.ts';
import { SnapshotStore } from './state/snapshot-store.ts';
import { Client } from './transport/client.ts';
import { openTransport } from './transport/open-transport.ts';

// The content security policy forbids making functions of text, which zod would otherwise try.
config({ jitless: true });
applyAppearance();

const client = new Client(openTransport());
const offers = new OfferInbox(client);
client.on('navigate', ({ path }) => navigate(`#${path}`));
const store = new SnapshotStore(client);
const queryClient = createQueryClient();
followEvents(client, queryClient);

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no element to draw in.');
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <LegworkProvider client={client} store={store} offers={offers}>
          <TooltipProvider>
            <ToastProvider>
              <App />
            </ToastProvider>
          </TooltipProvider>
        </LegworkProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
