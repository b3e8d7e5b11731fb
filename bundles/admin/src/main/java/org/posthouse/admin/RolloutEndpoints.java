// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Rollouts.Rollout;

/** Changes of plugins on all members of the cluster. */
final class RolloutEndpoints {
    private final Services services;

    RolloutEndpoints(Services services) {
        this.services = services;
    }

    /** Something that concerns all members. */
    @FunctionalInterface
    interface Work {
        Rollout run(Rollouts rollouts) throws RefusedException;
    }

    /** Whether a request is about all members. */
    static boolean everywhere(Parameters query) throws Problem {
        return switch (query.text("scope")) {
            case "", "node" -> false;
            case "cluster" -> true;
            default -> throw Problem.badRequest("Parameter 'scope' must be node or cluster");
        };
    }

    Response show(Request request, List<String> arguments) throws Problem {
        Parameters.of(request, "node");
        Rollout rollout = services.rollouts()
                .last()
                .orElseThrow(() -> Problem.notFound("This node has led no rollout since its start"));
        return Json.ok(View.of(rollout));
    }

    Response begin(Work work) throws Problem {
        try {
            return Json.ok(View.of(work.run(services.rollouts())));
        } catch (RefusedException e) {
            throw Problem.conflict(String.valueOf(e.getMessage()), e.findings());
        }
    }

    /** A rollout; {@code ended} is null while it runs. */
    record View(
            String id,
            String action,
            String plugin,
            String version,
            String who,
            String outcome,
            String detail,
            String began,
            @Nullable String ended,
            List<Node> nodes) {
        static View of(Rollout rollout) {
            return new View(
                    rollout.id(),
                    rollout.action(),
                    rollout.plugin(),
                    rollout.version(),
                    rollout.who(),
                    rollout.outcome(),
                    rollout.detail(),
                    rollout.began().toString(),
                    rollout.ended() == null ? null : rollout.ended().toString(),
                    rollout.nodes().stream().map(Node::of).toList());
        }
    }

    /** A node, and what happened there. */
    record Node(String name, String state, String detail, List<Step> steps) {
        static Node of(Rollouts.Node node) {
            return new Node(
                    node.name(),
                    node.state(),
                    node.detail(),
                    node.steps().stream()
                            .map(step -> new Step(step.state(), step.at().toString(), step.detail()))
                            .toList());
        }
    }

    /** A step. */
    record Step(String state, String at, String detail) {}
}
