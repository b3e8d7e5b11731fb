// SPDX-License-Identifier: Apache-2.0
/** Sessions, transactions, messages and attempts for unit tests of hooks: what a hook did not declare is refused as by the core. */
@NullMarked
package org.posthouse.testkit;

import org.jspecify.annotations.NullMarked;
