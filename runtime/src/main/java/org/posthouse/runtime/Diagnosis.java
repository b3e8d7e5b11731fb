// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** Why bundles did not start, in words. */
final class Diagnosis {
    private static final Pattern FROM = Pattern.compile("\\(version>=([^)]+)\\)");
    private static final Pattern BELOW = Pattern.compile("\\(!\\(version>=([^)]+)\\)\\)");

    private Diagnosis() {}

    /**
     * One paragraph for each bundle that did not start: what it lacks, or what it threw.
     *
     * @param bundles those that have to start
     * @param all every bundle that may offer what they need
     * @param failures what the framework reported
     */
    static List<String> of(List<Bundle> bundles, Bundle[] all, List<FrameworkEvent> failures) {
        List<String> findings = new ArrayList<>();
        List<Bundle> stuck = bundles.stream()
                .filter(bundle -> bundle.getState() == Bundle.INSTALLED)
                .toList();
        if (!stuck.isEmpty()) {
            List<BundleCapability> offers = Stream.of(all)
                    .flatMap(bundle -> revision(bundle).stream())
                    .flatMap(revision -> revision.getDeclaredCapabilities(null).stream())
                    .toList();
            stuck.forEach(bundle -> lacking(bundle, offers, findings));
        }
        // A bundle that lacks something drags others along: their complaints say nothing new.
        if (findings.isEmpty()) {
            failures.stream()
                    .filter(failure -> bundles.contains(failure.getBundle()))
                    .forEach(failure -> findings.add(thrown(failure)));
        }
        return findings;
    }

    /** None of one that is uninstalled meanwhile: plugins come and go while this looks. */
    private static Optional<BundleRevision> revision(Bundle bundle) {
        return Optional.ofNullable(bundle.adapt(BundleRevision.class));
    }

    private static void lacking(Bundle bundle, List<BundleCapability> offers, List<String> findings) {
        List<BundleRequirement> needs = revision(bundle)
                .map(revision -> revision.getDeclaredRequirements(null))
                .orElse(List.of());
        for (BundleRequirement need : needs) {
            if (mandatory(need) && offers.stream().noneMatch(need::matches)) {
                findings.add(name(bundle) + " does not start: it needs " + describe(need)
                        + ", which no installed bundle offers" + nearest(need, offers) + ".");
            }
        }
    }

    /** What the framework insists on; services, for example, are declared with another effective time. */
    private static boolean mandatory(BundleRequirement need) {
        return need.getDirectives().getOrDefault("resolution", "mandatory").equals("mandatory")
                && need.getDirectives().getOrDefault("effective", "resolve").equals("resolve");
    }

    private static String describe(BundleRequirement need) {
        String filter = need.getDirectives().getOrDefault("filter", "");
        Matcher named = Pattern.compile("\\(" + Pattern.quote(need.getNamespace()) + "=([^)]+)\\)")
                .matcher(filter);
        if (!named.find()) {
            return need.getNamespace() + " " + filter;
        }
        String kind = need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) ? "package" : need.getNamespace();
        return "the " + kind + " " + named.group(1) + versions(filter);
    }

    private static String versions(String filter) {
        Matcher from = FROM.matcher(filter);
        Matcher below = BELOW.matcher(filter);
        String text = from.find() ? " in version " + from.group(1) + " or later" : "";
        return below.find() ? text + ", below " + below.group(1) : text;
    }

    /** The same package in another version is the usual cause: say which one is there. */
    private static String nearest(BundleRequirement need, List<BundleCapability> offers) {
        String filter = need.getDirectives().getOrDefault("filter", "");
        for (BundleCapability offer : offers) {
            Map<String, Object> attributes = offer.getAttributes();
            Object name = attributes.get(need.getNamespace());
            if (offer.getNamespace().equals(need.getNamespace())
                    && name != null
                    && filter.contains("(" + need.getNamespace() + "=" + name + ")")) {
                return " (" + name(offer.getRevision().getBundle()) + " offers version " + attributes.get("version")
                        + ")";
            }
        }
        return "";
    }

    private static String thrown(FrameworkEvent failure) {
        Throwable cause = failure.getThrowable();
        StringBuilder text = new StringBuilder(name(failure.getBundle())).append(" does not start: ");
        for (String separator = ""; cause != null; cause = cause.getCause()) {
            text.append(separator).append(cause.getMessage() == null ? cause.toString() : cause.getMessage());
            separator = ": ";
        }
        return text.toString();
    }

    private static String name(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }
}
