// SPDX-License-Identifier: Apache-2.0
/** What every plugin must do whatever its policy is, checked on its packed jar in a real framework. */
@NullMarked
package org.posthouse.testkit.conformance;

import org.jspecify.annotations.NullMarked;
