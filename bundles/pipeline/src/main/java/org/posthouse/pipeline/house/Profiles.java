// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.pipeline.Counts;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.spi.Plugins.Declared;
import org.posthouse.pipeline.spi.Plugins.Profile;
import org.posthouse.pipeline.spi.Plugins.Standing;

/** Says what plugins are: what they declare, what their byte code uses, which generations stand. */
final class Profiles {
    private static final String NETWORK = "network";
    private static final String UNDECLARED = "undeclared";

    private final Tenancies tenancies;

    Profiles(Tenancies tenancies) {
        this.tenancies = tenancies;
    }

    /** The profile of a jar with its octets. */
    Profile of(PluginJar jar, List<Standing> standings) throws HouseException {
        Map<String, List<String>> uses = new TreeMap<>(uses(jar));
        List<String> undeclared = undeclared(jar, uses);
        if (!undeclared.isEmpty()) {
            uses.put(UNDECLARED, undeclared);
        }
        return new Profile(
                jar.name(),
                jar.version(),
                jar.hash(),
                jar.signer(),
                declared(jar.hooks()),
                services(jar),
                uses,
                standings);
    }

    /** The profile of a plugin whose jar is not there. */
    Profile missing(String name, List<HookSpec> hooks, List<Standing> standings) {
        return new Profile(name, "", "", "", declared(hooks), List.of(), Map.of(), standings);
    }

    /** Where declaration and byte code contradict each other, in sentences. */
    List<String> undeclared(PluginJar jar) throws HouseException {
        return undeclared(jar, uses(jar));
    }

    private static List<String> undeclared(PluginJar jar, Map<String, List<String>> uses) {
        List<String> users = uses.getOrDefault(NETWORK, List.of());
        boolean declared = jar.hooks().isEmpty()
                || jar.hooks().stream().anyMatch(spec -> spec.needs().contains(Need.NETWORK));
        return users.isEmpty() || declared
                ? List.of()
                : List.of("uses the network in " + String.join(", ", users)
                        + ", but none of its hooks declares needs = NETWORK");
    }

    private static Map<String, List<String>> uses(PluginJar jar) throws HouseException {
        try {
            return ByteCode.uses(jar.octets());
        } catch (IOException e) {
            throw new HouseException("can not be scanned: " + e.getMessage(), e);
        }
    }

    private static List<Declared> declared(List<HookSpec> hooks) {
        return hooks.stream()
                .map(spec -> new Declared(
                        spec.name(),
                        spec.stage(),
                        spec.needs().stream().map(Need::name).sorted().toList(),
                        spec.after(),
                        spec.before(),
                        spec.timeoutMillis(),
                        spec.onFailure().name().toLowerCase(Locale.ROOT)))
                .toList();
    }

    /** The services that are no hooks. */
    private static List<String> services(PluginJar jar) {
        return jar.components().stream()
                .flatMap(component -> component.interfaces().stream())
                .filter(service -> PluginJar.ofTheApi(service) && HookTypes.stage(service) == null)
                .map(service -> service.substring(service.lastIndexOf('.') + 1))
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * The generations of a plugin, newest first.
     *
     * @param share the percent of sessions that the newest one judges
     * @param previous the jar that a rollback leads to; null for none
     */
    List<Standing> standings(Resident resident, int share, @Nullable PluginJar previous) throws HouseException {
        List<Standing> all = new ArrayList<>();
        Tenancy serving = resident.serving;
        Tenancy beside = resident.beside;
        if (serving != null) {
            String role = resident.watch == null ? "in force" : "watched";
            all.add(standing(serving, beside == null ? role : "canary", share));
        }
        if (beside != null) {
            all.add(standing(beside, "in force", 100 - share));
        }
        tenancies.leaving(resident.name).reversed().forEach(old -> all.add(standing(old, "draining", 0)));
        if (previous != null && (beside == null || !beside.jar().hash().equals(previous.hash()))) {
            all.add(new Standing(
                    "@" + previous.shortHash(), previous.version(), "previous", 0, written(previous), 0, 0, 0));
        }
        return all;
    }

    private static Instant written(PluginJar jar) throws HouseException {
        try {
            return Files.getLastModifiedTime(jar.file()).toInstant();
        } catch (IOException e) {
            throw new HouseException("can not be read: " + e.getMessage(), e);
        }
    }

    private static Standing standing(Tenancy tenancy, String role, int share) {
        Counts.Sum sum = tenancy.generation().sum();
        return new Standing(
                tenancy.generation().label(),
                tenancy.jar().version(),
                role,
                share,
                tenancy.since(),
                sum.calls(),
                sum.failures(),
                sum.meanMicros());
    }
}
