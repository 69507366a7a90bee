import { useEffect, useState } from 'react';
import { useRead } from '../state/reads.ts';

const TYPING_PAUSE_MS = 350;

/** What a server at an address, or behind a pasted link, would get; asked once the person stops typing. */
export function useOffer(addressOrLink: string) {
  const [settled, setSettled] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(completeAddress(addressOrLink)), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [addressOrLink]);
  const isSettled = settled === completeAddress(addressOrLink);
  const read = useRead('inspectEnrolment', { hubUrlOrLink: settled }, { enabled: settled !== '' });
  return {
    offer: isSettled && settled !== '' ? (read.data ?? null) : null,
    error: isSettled && settled !== '' && read.isError ? read.error.message : null,
    isAsking: addressOrLink.trim() !== '' && (!isSettled || read.isFetching),
  };
}

/** `hub.example.org` → `https://hub.example.org`; links and whole addresses stay. */
function completeAddress(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || trimmed.includes('://') ? trimmed : `https://${trimmed}`;
}
