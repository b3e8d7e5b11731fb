// SPDX-License-Identifier: Apache-2.0
/** What plugins share and use: state, limits, mail of their own, jobs and the event log. */
@NullMarked
package org.posthouse.state;

import org.jspecify.annotations.NullMarked;
