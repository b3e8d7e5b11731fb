// SPDX-License-Identifier: Apache-2.0
/** The commands that talk to a running server over its REST API. */
@NullMarked
package org.posthouse.runtime.cli;

import org.jspecify.annotations.NullMarked;
