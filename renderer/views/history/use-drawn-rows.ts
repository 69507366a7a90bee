import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { HistoryRow } from '../../../preload/contract.ts';
import { type DrawnRow, drawRows, inListOrder, type RowWindow, windowAt } from './drawn-rows.ts';
import { Flight, REST_MS } from './flight.ts';

/** More than anybody can scroll by in a frame and still read, and little enough for a slow machine. */
const ROWS_A_FRAME = 12;
/** A movement is far when it goes by all that is in view, and by so many rows where that is less. */
const FAR_ROWS = 16;
const ORDER_PAUSE_MS = 500;

interface Drawing {
  /** What scrolls; null before it is there. */
  scroller: HTMLElement | null;
  rowHeight: number;
  /** Rows of the whole list. */
  count: number;
  rowAt: (index: number) => HistoryRow | undefined;
  /** Told of the rows that are to be read, but not of those that fly by. */
  onWindow: (window: RowWindow) => void;
}

/** The rows that exist in the document, which follow the scrolling: some in each frame, none while they fly by. */
export function useDrawnRows(drawing: Drawing): readonly DrawnRow[] {
  const { scroller, rowHeight, count, rowAt } = drawing;
  const [drawn, setDrawn] = useState<readonly DrawnRow[]>([]);
  const latest = useRef(drawing);
  const drawSoon = useRef(() => {});

  useEffect(() => {
    if (scroller === null) return undefined;
    const flight = new Flight(scroller.scrollTop);
    let now: readonly DrawnRow[] = [];
    let heightPx = scroller.clientHeight;
    let frame: number | null = null;
    let landing: ReturnType<typeof setTimeout> | undefined;
    let ordering: ReturnType<typeof setTimeout> | undefined;

    const show = (next: readonly DrawnRow[]) => {
      if (next === now) return;
      now = next;
      // React would draw them in its own time, which is after this frame.
      flushSync(() => setDrawn(next));
    };
    const draw = () => {
      const window = windowAt({
        topPx: scroller.scrollTop,
        heightPx,
        rowHeightPx: latest.current.rowHeight,
        count: latest.current.count,
      });
      const next = drawRows(now, window, latest.current.rowAt, ROWS_A_FRAME);
      show(next.drawn);
      latest.current.onWindow(window);
      if (!next.isComplete) drawInFrame();
      clearTimeout(ordering);
      ordering = setTimeout(() => show(inListOrder(now)), ORDER_PAUSE_MS);
    };
    const drawInFrame = () => {
      frame ??= requestAnimationFrame(() => {
        frame = null;
        draw();
      });
    };
    const onScroll = (event: Event) => {
      clearTimeout(landing);
      const farPx = Math.max(heightPx, FAR_ROWS * latest.current.rowHeight);
      if (flight.move(scroller.scrollTop, farPx, event.timeStamp)) {
        if (frame !== null) cancelAnimationFrame(frame);
        frame = null;
        landing = setTimeout(drawInFrame, REST_MS);
      } else {
        // Callbacks of frames come after events of scrolling, and before that same frame is painted.
        drawInFrame();
      }
    };
    const observer = new ResizeObserver(() => {
      heightPx = scroller.clientHeight;
      drawInFrame();
    });
    observer.observe(scroller);
    scroller.addEventListener('scroll', onScroll, { passive: true });
    drawSoon.current = drawInFrame;
    return () => {
      drawSoon.current = () => {};
      scroller.removeEventListener('scroll', onScroll);
      observer.disconnect();
      if (frame !== null) cancelAnimationFrame(frame);
      clearTimeout(landing);
      clearTimeout(ordering);
      setDrawn([]);
    };
  }, [scroller]);

  useEffect(() => {
    latest.current = drawing;
  });
  useEffect(() => drawSoon.current(), [scroller, rowHeight, count, rowAt]);
  return drawn;
}
