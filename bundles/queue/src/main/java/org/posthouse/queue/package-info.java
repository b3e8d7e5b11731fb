// SPDX-License-Identifier: Apache-2.0
/**
 * What is due when. {@link org.posthouse.queue.SpoolIntake} commits, {@link org.posthouse.queue.Scheduler} finds what is
 * due and asks where it goes, the {@link org.posthouse.queue.Yard} hands it to lanes, and
 * {@link org.posthouse.queue.SpoolLedger} records what became of it. {@link org.posthouse.queue.Flight} is the one place
 * where a message in memory changes.
 */
@NullMarked
package org.posthouse.queue;

import org.jspecify.annotations.NullMarked;
