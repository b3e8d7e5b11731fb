// SPDX-License-Identifier: Apache-2.0
/** Listeners and SMTP sessions: takes mail from clients and asks the pipeline about it. */
@NullMarked
package org.posthouse.smtp;

import org.jspecify.annotations.NullMarked;
