"""Gradients as graph, and transforms of plain functions: grad, vjp, jacobian, checkpoint …"""
