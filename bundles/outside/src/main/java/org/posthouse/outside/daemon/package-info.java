// SPDX-License-Identifier: Apache-2.0
/** What plugins share that ask daemons: where these are, how long they are waited for, when they are left alone. */
@NullMarked
package org.posthouse.outside.daemon;

import org.jspecify.annotations.NullMarked;
