// SPDX-License-Identifier: Apache-2.0
/** The services that a plugin may use, in memory and under the control of a test. */
@NullMarked
package org.posthouse.testkit.service;

import org.jspecify.annotations.NullMarked;
