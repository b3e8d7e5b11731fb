// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

/**
 * A mechanism, and the result when it matches.
 *
 * @param text as it stands in the record
 */
record Directive(Result result, Mechanism mechanism, String text) {}
